import type { Scheduler } from '../scheduler.js';

/** A scheduler that does what was asked of it only when a test says so. */
export class ManualScheduler implements Scheduler {
  private readonly pending = new Set<Pending>();
  private readonly watchers: (() => void)[] = [];

  after(delayMs: number, run: () => void): () => void {
    const one = { delayMs, run };
    this.pending.add(one);
    for (const watcher of this.watchers.splice(0)) watcher();
    return () => void this.pending.delete(one);
  }

  /** The delays that are being waited for now, milliseconds. */
  delays(): readonly number[] {
    return [...this.pending].map((one) => one.delayMs);
  }

  /** Lets everything that is waited for happen, then resolves when something new is being waited for. */
  async elapse(): Promise<void> {
    await this.somethingPending();
    const due = [...this.pending];
    this.pending.clear();
    for (const one of due) one.run();
    await this.somethingPending();
  }

  /** Resolves when something is being waited for: for a feed, when no round is under way. */
  somethingPending(): Promise<void> {
    if (this.pending.size > 0) return Promise.resolve();
    return new Promise((resolve) => this.watchers.push(resolve));
  }
}

interface Pending {
  readonly delayMs: number;
  readonly run: () => void;
}
