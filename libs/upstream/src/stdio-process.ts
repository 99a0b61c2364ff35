import type { ChildProcess } from 'node:child_process';

import type { Scheduler } from '@sallyport/kernel';
import type { StdioEntry } from '@sallyport/operator-file';
import spawn from 'cross-spawn';

import { LineSplitter } from './line-splitter.js';

/** Who hears what a process does. `onExit` comes once, last, also when it could not be started. */
export interface StdioProcessListener {
  onLine(line: Buffer): void;
  onOverlong(): void;
  onDrain(): void;
  onExit(exit: StdioExit): void;
}

/** How a process ended. */
export interface StdioExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The system's code when it could not be started, such as `ENOENT`. */
  readonly spawnError?: string;
}

/** What a process needs besides its entry. */
export interface StdioProcessOptions {
  readonly maxLineBytes: number;
  /** Milliseconds from closing stdin to SIGTERM, and again to SIGKILL. */
  readonly stopGraceMs: number;
  readonly scheduler: Scheduler;
  /** What becomes of its stderr; it may hold secrets, so it is thrown away unless the operator asks. */
  readonly stderr: 'ignore' | 'inherit';
}

/**
 * One process of the operator's file: no shell, no environment but what the file gives plus `PATH` and `HOME`, in our process group, so that
 * it ends with us: a stop of the group reaches it, and if we are killed its stdin closes.
 */
export class StdioProcess {
  private readonly child: ChildProcess;
  private exited = false;
  private callOffStop: (() => void) | undefined;

  constructor(
    entry: StdioEntry,
    private readonly options: StdioProcessOptions,
    private readonly listener: StdioProcessListener,
  ) {
    this.child = spawn(entry.command, [...entry.args], {
      cwd: entry.cwd,
      env: { ...inheritedEnvironment(), ...entry.env },
      stdio: ['pipe', 'pipe', options.stderr],
      windowsHide: true,
    });
    this.listen();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether the kernel takes more at once; while false, what is written waits in our memory. */
  get isWritable(): boolean {
    return !this.exited && this.child.stdin?.writable === true && !this.child.stdin.writableNeedDrain;
  }

  /** Writes one message and its newline in one piece. */
  write(message: Buffer): void {
    this.child.stdin?.write(Buffer.concat([message, NEWLINE]));
  }

  /** Asks it to end, by closing its stdin, then less politely. `onExit` tells when it has. */
  stop(): void {
    if (this.exited || this.callOffStop !== undefined) return;
    const { scheduler, stopGraceMs } = this.options;
    this.child.stdin?.end();
    this.callOffStop = scheduler.after(stopGraceMs, () => {
      this.child.kill('SIGTERM');
      this.callOffStop = scheduler.after(stopGraceMs, () => this.child.kill('SIGKILL'));
    });
  }

  /** Ends it at once. */
  kill(): void {
    if (!this.exited) this.child.kill('SIGKILL');
  }

  private listen(): void {
    const splitter = new LineSplitter(this.options.maxLineBytes, this.listener);
    this.child.stdout?.on('data', (chunk: Buffer) => splitter.push(chunk));
    this.child.stdin?.on('drain', () => this.listener.onDrain());
    this.child.stdin?.on('error', () => this.kill());
    this.child.on('error', (error: NodeJS.ErrnoException) => {
      if (this.child.pid === undefined) this.finish({ code: null, signal: null, spawnError: error.code ?? 'unknown' });
    });
    this.child.on('close', (code, signal) => this.finish({ code, signal }));
    this.child.on('exit', (code, signal) => this.finishLater({ code, signal }));
  }

  /** `close` waits for the last output; a grandchild that keeps stdout open must not keep us waiting too. */
  private finishLater(exit: StdioExit): void {
    this.options.scheduler.after(this.options.stopGraceMs, () => this.finish(exit));
  }

  private finish(exit: StdioExit): void {
    if (this.exited) return;
    this.exited = true;
    this.callOffStop?.();
    this.listener.onExit(exit);
  }
}

const NEWLINE = Buffer.from('\n');
const INHERITED = ['PATH', 'HOME'] as const;

function inheritedEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
