import { eventLogFault } from '@sallyport/event-log';
import type { EpochMs, Fault } from '@sallyport/kernel';

interface Waiter {
  readonly sinceMs: number;
  resolve(): void;
  reject(fault: Fault): void;
}

/** Those who wait until everything committed before they asked has been delivered. */
export class CaughtUpWaiters {
  private waiting: readonly Waiter[] = [];
  private asked = false;
  private closed = false;

  constructor(private readonly now: () => EpochMs) {}

  /** Rejects with `event_log.closed` when the follower ends first. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.closed) reject(closedFault());
      else this.waiting = [...this.waiting, { sinceMs: this.now(), resolve, reject }];
    });
  }

  /** Everything committed before `stampedTo` was delivered. */
  reached(stampedTo: EpochMs): void {
    this.answer((waiter) => waiter.sinceMs < stampedTo);
  }

  /**
   * Answers who waits now once the stream was read to its end; once at a time. `end` is asked only where somebody waits for it: a
   * promise of it that nobody holds would end the process when the follower is closed.
   */
  readToEnd(end: () => Promise<void>): void {
    if (this.asked || this.waiting.length === 0) return;
    this.asked = true;
    const now = new Set(this.waiting);
    void end().then(
      () => this.answer((waiter) => now.has(waiter)),
      () => undefined, // The follower ended or is followed anew: who waits is told so, or asked for again.
    ).finally(() => void (this.asked = false));
  }

  close(): void {
    this.closed = true;
    for (const waiter of this.waiting) waiter.reject(closedFault());
    this.waiting = [];
  }

  private answer(isDue: (waiter: Waiter) => boolean): void {
    const due = this.waiting.filter(isDue);
    if (due.length === 0) return;
    this.waiting = this.waiting.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.resolve();
  }
}

function closedFault(): Fault {
  return eventLogFault.closed('the follower was closed');
}
