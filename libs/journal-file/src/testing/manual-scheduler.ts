import type { FakeClock } from '@sallyport/kernel/testing';

import type { Scheduler } from '../scheduler.js';

/** Runs what is due when a test lets time pass, and moves the clock with it. */
export class ManualScheduler implements Scheduler {
  private elapsedMs = 0;
  private waiting: { dueMs: number; run: () => void }[] = [];

  constructor(private readonly clock: FakeClock) {}

  /** How many runs are still to come. */
  get pending(): number {
    return this.waiting.length;
  }

  after(ms: number, run: () => void): () => void {
    const task = { dueMs: this.elapsedMs + ms, run };
    this.waiting.push(task);
    return () => {
      this.waiting = this.waiting.filter((one) => one !== task);
    };
  }

  /** Lets `ms` milliseconds pass; runs what falls due, in the order of time. */
  pass(ms: number): void {
    const untilMs = this.elapsedMs + ms;
    for (let next = this.nextDue(untilMs); next !== undefined; next = this.nextDue(untilMs)) {
      this.waiting = this.waiting.filter((one) => one !== next);
      this.moveTo(next.dueMs);
      next.run();
    }
    this.moveTo(untilMs);
  }

  private nextDue(untilMs: number) {
    return this.waiting.filter((one) => one.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  }

  private moveTo(ms: number): void {
    this.clock.advance(Math.max(0, ms - this.elapsedMs));
    this.elapsedMs = Math.max(ms, this.elapsedMs);
  }
}
