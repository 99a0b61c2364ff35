import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { WardenEntry } from './warden-process.js';

/** The process that stops the others when this one is killed; see `warden-process.ts`. */
export interface Warden {
  /** Watches over a process from now on. */
  watch(entry: WardenEntry): void;
  /** Everything was stopped: it may go. */
  dismiss(): Promise<void>;
}

/** Starts it in this process's group. */
export function startWarden(): Warden {
  const script = fileURLToPath(new URL('./warden-process.js', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  child.stdin.on('error', () => undefined); // it was killed: nobody watches any more, and nothing else changes
  return {
    watch: (entry) => void child.stdin.write(`${JSON.stringify(entry)}\n`),
    dismiss: async () => {
      child.stdin.end('done\n');
      await exited;
    },
  };
}
