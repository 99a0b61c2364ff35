import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { startFault } from '@sallyport/service-host';

/** A program of ours that is run as a process of its own. */
export interface ChildCommand {
  /** What it is called in sentences. */
  readonly name: string;
  /** Path of the script. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** One JSON line that a child wrote to stdout. */
export type ChildLine = Readonly<Record<string, unknown>> & { readonly event: string };

/** How long a child that was asked to stop may take, milliseconds: calls in flight have 10 s. */
const STOP_MS = 13_000;

/**
 * A Node process in this process's group. It stops when its stdin ends, so also when this process is gone; its stdout is one
 * JSON object a line, its stderr is ours.
 */
export class Child {
  /** Resolves with its exit code or signal, in words. */
  readonly exited: Promise<string>;
  private readonly lines: ChildLine[] = [];
  private readonly waiters = new Set<() => void>();
  private end: string | null = null;

  private constructor(
    private readonly name: string,
    private readonly process: ChildProcess,
  ) {
    const { stdin, stdout } = process;
    if (stdin === null || stdout === null) throw new TypeError('a child has pipes');
    stdin.on('error', () => undefined); // it ended before its stdin did
    createInterface({ input: stdout }).on('line', (line) => this.take(line));
    this.exited = once(process, 'exit').then(([code, signal]) => this.ended(code === null ? String(signal) : `exit code ${String(code)}`));
  }

  /** Starts it. */
  static start({ name, script, args, env }: ChildCommand): Child {
    return new Child(name, spawn(process.execPath, [script, ...args, '--json', '--stop-with-stdin'], { env, stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /**
   * Resolves with the first line of an event.
   *
   * @throws {Fault} `start.process_ended` when it ends without one, `start.not_ready` when none comes in time.
   */
  async until(event: string, withinMs: number): Promise<ChildLine> {
    const deadline = performance.now() + withinMs;
    const timer = setTimeout(() => this.wake(), withinMs);
    try {
      for (;;) {
        const found = this.said(event);
        if (found !== undefined) return found;
        if (this.end !== null) throw startFault.process_ended(`The ${this.name} (process ${this.pid}) ended (${this.end}) before it was ready: see what it wrote above.`);
        if (performance.now() >= deadline) throw startFault.not_ready(`The ${this.name} (process ${this.pid}) is not ready after ${withinMs / 1000} s.`);
        await new Promise<void>((resolve) => this.waiters.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The first line of an event that it wrote so far. */
  said(event: string): ChildLine | undefined {
    return this.all(event)[0];
  }

  /** Every line of an event that it wrote so far. */
  all(event: string): readonly ChildLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  /** Asks it to stop and waits until it is gone; one that does not go is killed, a stalled one too. */
  async stop(): Promise<void> {
    this.process.stdin?.end();
    const late = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    await this.exited;
    clearTimeout(late);
  }

  private ended(how: string): string {
    this.end = how;
    this.wake();
    return how;
  }

  private take(line: string): void {
    const parsed = parseLine(line);
    if (parsed === undefined) return;
    this.lines.push(parsed);
    this.wake();
  }

  private wake(): void {
    for (const waiter of this.waiters) waiter();
    this.waiters.clear();
  }
}

function parseLine(line: string): ChildLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string') return { ...value, event: value.event };
  } catch {
    return undefined; // not a line for us: a library that prints
  }
  return undefined;
}
