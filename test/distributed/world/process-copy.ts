import { readFileSync } from 'node:fs';

/** How a running process was started: enough to start the same one again. Linux only. */
export interface ProcessCopy {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Reads the command and the environment of a process of ours. */
export function copyOf(pid: number): ProcessCopy {
  const [program = '', ...args] = parts(pid, 'cmdline');
  const env = Object.fromEntries(parts(pid, 'environ').map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
  return { program, args, env };
}

function parts(pid: number, file: 'cmdline' | 'environ'): readonly string[] {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
}
