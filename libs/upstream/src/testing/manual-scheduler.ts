import type { Scheduler } from '../scheduler.js';

interface Planned {
  readonly atMs: number;
  readonly task: () => void;
}

/** A scheduler on which time passes only when a test says so. */
export class ManualScheduler implements Scheduler {
  private nowMs = 0;
  private planned: Planned[] = [];

  after(delayMs: number, task: () => void): () => void {
    const entry: Planned = { atMs: this.nowMs + delayMs, task };
    this.planned.push(entry);
    return () => {
      this.planned = this.planned.filter((other) => other !== entry);
    };
  }

  /** Lets `ms` pass and runs what falls due, in order. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.nextBefore(untilMs); next !== undefined; next = this.nextBefore(untilMs)) {
      const due = next;
      this.nowMs = due.atMs;
      this.planned = this.planned.filter((other) => other !== due);
      due.task();
    }
    this.nowMs = untilMs;
  }

  /** Delays until the tasks that wait, shortest first. */
  get delaysMs(): readonly number[] {
    return this.planned.map((entry) => entry.atMs - this.nowMs).sort((one, other) => one - other);
  }

  private nextBefore(untilMs: number): Planned | undefined {
    const due = this.planned.filter((entry) => entry.atMs <= untilMs);
    return due.sort((one, other) => one.atMs - other.atMs)[0];
  }
}
