import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The checkout: where `apps/` and `node_modules/` are. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The `sallyport` command, to be run by a Node. */
export const SALLYPORT = fileURLToPath(new URL('../../../apps/cli/bin/sallyport.mjs', import.meta.url));

/** The launcher of the distributed deployment, to be run by a Node. */
export const START_DISTRIBUTED = fileURLToPath(new URL('../../../apps/standalone/dist/distributed/main.js', import.meta.url));

/** How a process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a process is started with. */
export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** One line that `start --json` wrote to stdout. */
export type StartLine = Readonly<Record<string, unknown>> & { readonly event: string };

/** A process at the head of its own process group, whose stdout is JSON lines. Everything it said is kept. */
export class Child {
  /** What it wrote to stdout, line by line; lines that are no JSON object have the event `text`. */
  readonly lines: StartLine[] = [];
  /** What it wrote to stderr so far. */
  stderr = '';
  readonly exited: Promise<ChildExit>;
  private readonly waiters = new Set<() => void>();

  private constructor(readonly process: ChildProcess) {
    const { stdout, stderr } = process;
    if (stdout === null || stderr === null) throw new Error('both streams are pipes');
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    createInterface({ input: stdout }).on('line', (line) => this.take(line));
    this.exited = once(process, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }));
    void this.exited.then(() => this.wake());
  }

  /** Starts a program with an environment that has nothing of the caller's Sallyport in it. */
  static start(program: string, args: readonly string[], options: ChildOptions = {}): Child {
    const env = { ...cleanEnvironment(), ...options.env };
    return new Child(spawn(program, [...args], { cwd: options.cwd ?? ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Resolves with the first line of an event; rejects, with what it said last, when the process ends without it. */
  async until(event: string): Promise<StartLine> {
    for (;;) {
      const found = this.lines.find((line) => line.event === event);
      if (found !== undefined) return found;
      if (!this.isRunning) throw new Error(`it ended (${this.process.exitCode ?? this.process.signalCode}) before "${event}": ${this.stderr.slice(-2_000)}`);
      await new Promise<void>((resolve) => this.waiters.add(resolve));
    }
  }

  /** Resolves with the match of the first line of plain text that has it. */
  async untilText(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = this.lines.map(({ text }) => pattern.exec(String(text))).find((match) => match !== null);
      if (found !== undefined) return found;
      if (!this.isRunning) throw new Error(`it ended (${this.process.exitCode ?? this.process.signalCode}) before ${pattern}: ${this.stderr.slice(-2_000)}`);
      await new Promise<void>((resolve) => this.waiters.add(resolve));
    }
  }

  /** Sends a signal to the process alone and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<ChildExit> {
    this.process.kill(signal);
    return this.exited;
  }

  /** Ends whatever is left of its process group at once. */
  async sweep(): Promise<void> {
    if (this.pid > 0 && groupIsAlive(this.pid)) process.kill(-this.pid, 'SIGKILL');
    await this.exited;
  }

  private take(line: string): void {
    this.lines.push(parseLine(line));
    this.wake();
  }

  private wake(): void {
    for (const waiter of this.waiters) waiter();
    this.waiters.clear();
  }
}

/** Whether a process runs; one that ended and was not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false; // no such process
  }
}

/** Whether a process of that group is left. */
export function groupIsAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
    return true;
  } catch {
    return false; // no such group
  }
}

/** What a program that ran to its end said. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], options: ChildOptions & { readonly stdin?: string } = {}): Promise<Run> {
  const env = { ...cleanEnvironment(), ...options.env };
  const child = spawn(program, [...args], { cwd: options.cwd ?? ROOT, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  child.stdin.end(options.stdin ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !/^(SALLYPORT_|DATABASE_URL$|REDIS_URL$|KAFKA_|NODE_OPTIONS$|VITEST|NODE_ENV$|npm_)/.test(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

function parseLine(line: string): StartLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string') return { ...value, event: value.event };
  } catch {
    return { event: 'text', text: line };
  }
  return { event: 'text', text: line };
}
