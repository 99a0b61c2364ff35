import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

import { servicesFault } from './services-faults.js';

const SETPRIV = '/usr/bin/setpriv';
const living = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * A service's process: a child in this process's group that does not outlive it. Where the system can (Linux), the kernel kills
 * it with its parent, however that dies; elsewhere it is killed when the parent exits.
 */
export class ChildService {
  private lastLines = '';
  private readonly ended: Promise<void>;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    living.add(child);
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        living.delete(child);
        resolve();
      };
      child.once('exit', end);
      child.once('error', (error) => {
        this.lastLines += error.message;
        end();
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.lastLines = (this.lastLines + text).slice(-1_500);
      });
    }
  }

  /** Starts `command`. The process is the service itself, no shell and no wrapper around it. */
  static start(name: string, command: readonly [string, ...string[]], options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv }): ChildService {
    const bound: readonly string[] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', ...command] : command;
    const [program = '', ...args] = bound;
    return new ChildService(name, spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return living.has(this.child);
  }

  /** Sends a signal; one to a process that ended does nothing. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves when the process is gone. */
  gone(): Promise<void> {
    return this.ended;
  }

  /** Asks it to end, insists after `patienceMs`, and resolves when it is gone. A stalled process is woken first. */
  async stop(patienceMs = 10_000): Promise<void> {
    if (!this.running) return;
    this.child.kill('SIGCONT');
    this.child.kill('SIGTERM');
    const insisting = setTimeout(() => this.child.kill('SIGKILL'), patienceMs);
    await this.ended;
    clearTimeout(insisting);
  }

  /**
   * Asks `answers` again and again until it says yes, the last time when the time is over: who asks may have been held up meanwhile.
   *
   * @throws {Fault} `services.start_failed` with the last lines of output, when the process ends or the time is over; it is stopped then.
   */
  async untilAnswering(answers: () => Promise<boolean>, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    let isOver = false;
    while (this.running && !isOver) {
      isOver = performance.now() >= deadline;
      if (await answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const what = this.running ? `did not answer within ${withinMs / 1_000} s` : 'ended';
    await this.stop(0);
    throw servicesFault.start_failed(`${this.name} ${what}: ${this.lastLines.trim()}`);
  }
}

/** Ports of loopback that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = await Promise.all(Array.from({ length: count }, openProbe));
  await Promise.all(probes.map(({ close }) => close()));
  return probes.map(({ port }) => port);
}

async function openProbe(): Promise<{ readonly port: number; close(): Promise<unknown> }> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  if (address === null || typeof address === 'string') throw servicesFault.start_failed('no free port on loopback');
  return { port: address.port, close: () => new Promise((resolve) => probe.close(resolve)) };
}
