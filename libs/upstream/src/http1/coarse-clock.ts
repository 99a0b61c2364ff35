import type { Scheduler } from '@sallyport/kernel';

/** Milliseconds between two ticks. */
export const TICK_MS = 250;

/**
 * A clock for deadlines that may be late: one timer for all of them, where a timer a call would cost more than the call's bytes. It ticks only while
 * somebody listens.
 */
export class CoarseClock {
  /** Ticks so far. */
  now = 0;
  private readonly listeners = new Set<() => void>();
  private isTicking = false;

  constructor(private readonly scheduler: Scheduler) {}

  /** The tick by which `ms` milliseconds have passed for certain; up to two ticks later than that. */
  after(ms: number): number {
    return this.now + Math.ceil(ms / TICK_MS) + 1;
  }

  /** The last tick at which `ms` milliseconds have not passed yet; the current one if they are less than a tick. */
  within(ms: number): number {
    return this.now + Math.floor(ms / TICK_MS);
  }

  /** Calls `listener` at every tick until it is taken off. */
  add(listener: () => void): void {
    this.listeners.add(listener);
    this.schedule();
  }

  delete(listener: () => void): void {
    this.listeners.delete(listener);
  }

  private schedule(): void {
    if (this.isTicking || this.listeners.size === 0) return;
    this.isTicking = true;
    this.scheduler.after(TICK_MS, this.tick);
  }

  private readonly tick = (): void => {
    this.isTicking = false;
    this.now += 1;
    for (const listener of [...this.listeners]) listener();
    this.schedule();
  };
}
