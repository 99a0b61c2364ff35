import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { vi } from 'vitest';

import { isAlive } from '../../e2e/world/child.js';
import { call, verdictOf, type Posted } from '../../e2e/world/post.js';
import { World, type Access, type WorldOptions } from '../../e2e/world/world.js';
import { copyOf, type ProcessCopy } from './process-copy.js';

/** A worker as a script sees it. */
export interface FleetWorker {
  readonly workerId: string;
  readonly url: string;
  readonly pid: number;
}

/** What a process says of itself, a line at a time. */
type ProcessLine = { readonly event?: string } & Readonly<Record<string, unknown>>;

/** A process that was started here, and what it said. */
interface Launched {
  readonly pid: number;
  readonly line: ProcessLine;
}

/** What a process of the deployment is. */
export type Role = 'control-plane' | 'worker' | 'kafka' | 'postgres' | 'redis';

/** A distributed deployment on this machine, with every process of it within reach. */
export class Fleet {
  private workersNow: readonly FleetWorker[];
  private readonly restarted: ChildProcess[] = [];

  private constructor(readonly world: World) {
    this.workersNow = this.ready['workers'] as readonly FleetWorker[];
  }

  /** Starts a deployment with its own Kafka, PostgreSQL and Redis, and waits until it is ready. */
  static async start(options: WorldOptions & { readonly workers: number }): Promise<Fleet> {
    return new Fleet(await World.start(options));
  }

  get workers(): readonly FleetWorker[] {
    return this.workersNow;
  }

  /** The pid of the one process of a role that the launcher started. */
  pidOf(role: Exclude<Role, 'worker'>): number {
    const processes = this.ready['processes'] as readonly { readonly role: Role; readonly pid: number }[];
    const pid = processes.find((process) => process.role === role)?.pid;
    if (pid === undefined) throw new Error(`no process is ${role}`);
    return pid;
  }

  /** The same grant, used at a worker. */
  at(worker: FleetWorker, access: Pick<Access, 'url' | 'token'>): Pick<Access, 'url' | 'token'> {
    return { token: access.token, url: new URL(new URL(access.url).pathname, worker.url).href };
  }

  /** Calls a tool at a worker. */
  call(worker: FleetWorker, access: Pick<Access, 'url' | 'token'>, tool: string, args: Readonly<Record<string, unknown>> = {}): Promise<Posted> {
    return call(this.at(worker, access), tool, args);
  }

  /** What every worker answers to one call each, in the workers' order. */
  verdicts(access: Pick<Access, 'url' | 'token'>, tool: string): Promise<readonly string[]> {
    return Promise.all(this.workers.map(async (worker) => verdictOf(await this.call(worker, access, tool))));
  }

  /** Kills a process and waits until it is gone. */
  async kill(pid: number): Promise<void> {
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => {
      if (isAlive(pid)) throw new Error(`process ${pid} is still there`);
    }, { timeout: 10_000, interval: 10 });
  }

  /**
   * Kills a worker and starts the same one again: same command, same environment, same data. Resolves when it is ready.
   *
   * @param listens Told as soon as it can be called, ready or not.
   */
  async restartWorker(number: number, listens: (worker: FleetWorker) => void = () => undefined): Promise<FleetWorker> {
    const before = this.workers[number - 1];
    if (before === undefined) throw new Error(`no worker ${number}`);
    const copy = copyOf(before.pid);
    await this.kill(before.pid);
    const at = (pid: number, line: ProcessLine): FleetWorker => ({ workerId: before.workerId, url: String(line['url']), pid });
    const { pid, line } = await this.launch(copy, (listening) => listens(at(listening.pid, listening.line)));
    const after = at(pid, line);
    this.workersNow = this.workers.map((worker) => (worker === before ? after : worker));
    return after;
  }

  /** Starts a second control plane beside the first: same services, same key, a folder of its own. Resolves with its address when it is ready. */
  async addControlPlane(): Promise<string> {
    const { program, args, env } = copyOf(this.pidOf('control-plane'));
    const first = join(this.world.dataFolder, 'control-plane');
    const folder = join(this.world.dataFolder, 'control-plane-2');
    mkdirSync(folder, { mode: 0o700 });
    copyFileSync(join(first, 'signing-key.pem'), join(folder, 'signing-key.pem'));
    const ready = await this.launch({ program, args: args.map((arg) => (arg === first ? folder : arg)), env });
    return String(ready.line['url']);
  }

  /** Starts a process that says when it listens and when it is ready, and ends with the deployment. Resolves with what it said when ready. */
  async launch({ program, args, env }: ProcessCopy, listens: (launched: Launched) => void = () => undefined): Promise<Launched> {
    const child = spawn(program, [...args], { env: { ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.restarted.push(child);
    const pid = child.pid ?? 0;
    return { pid, line: await untilReady(child, (line) => listens({ pid, line })) };
  }

  /** Stops what runs and removes everything. */
  async end(): Promise<void> {
    for (const child of this.restarted.splice(0)) {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
      child.stdin?.end();
      await gone;
    }
    await this.world.end();
  }

  private get ready(): Readonly<Record<string, unknown>> {
    const line = this.world.lines.find(({ event }) => event === 'ready');
    if (line === undefined) throw new Error('it is not ready');
    return line;
  }
}

async function untilReady(child: ChildProcess, listens: (line: ProcessLine) => void): Promise<ProcessLine> {
  if (child.stdout === null) throw new Error('stdout is a pipe');
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as ProcessLine;
    if (line.event === 'listening') listens(line);
    if (line.event === 'ready') return line;
  }
  throw new Error(`it ended (${child.exitCode ?? child.signalCode}) before it was ready`);
}
