import type { Scheduler } from '../scheduler.js';
import type { FakeClock } from './fake-clock.js';

interface Task {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A scheduler on which time passes only when a test says so. A clock that it is given moves with it. */
export class ManualScheduler implements Scheduler {
  private elapsedMs = 0;
  private waiting: readonly Task[] = [];
  private watchers: readonly (() => void)[] = [];

  constructor(private readonly clock?: FakeClock) {}

  after(delayMs: number, run: () => void): () => void {
    const task = { dueMs: this.elapsedMs + delayMs, run };
    this.waiting = [...this.waiting, task];
    const watchers = this.watchers;
    this.watchers = [];
    for (const tell of watchers) tell();
    return () => this.forget(task);
  }

  /** Milliseconds until each task that waits, shortest first. */
  get delaysMs(): readonly number[] {
    return this.waiting.map((task) => task.dueMs - this.elapsedMs).sort((one, other) => one - other);
  }

  /** Lets `ms` pass and runs what falls due, in the order of time, what is asked for meanwhile included. */
  advance(ms: number): void {
    const untilMs = this.elapsedMs + ms;
    for (let next = this.nextDue(untilMs); next !== undefined; next = this.nextDue(untilMs)) {
      this.forget(next);
      this.moveTo(next.dueMs);
      next.run();
    }
    this.moveTo(untilMs);
  }

  /** Runs everything that waits, however long it was to wait, then resolves when something new waits: a beat of whatever repeats itself. */
  async elapse(): Promise<void> {
    await this.somethingPending();
    const due = this.waiting;
    this.waiting = [];
    for (const task of due) task.run();
    await this.somethingPending();
  }

  /** Resolves when something waits. */
  somethingPending(): Promise<void> {
    if (this.waiting.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.watchers = [...this.watchers, resolve];
    });
  }

  private forget(task: Task): void {
    this.waiting = this.waiting.filter((other) => other !== task);
  }

  private nextDue(untilMs: number): Task | undefined {
    return this.waiting.filter((task) => task.dueMs <= untilMs).sort((one, other) => one.dueMs - other.dueMs)[0];
  }

  private moveTo(ms: number): void {
    this.clock?.advance(Math.max(0, ms - this.elapsedMs));
    this.elapsedMs = Math.max(ms, this.elapsedMs);
  }
}
