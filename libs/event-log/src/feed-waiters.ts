import type { Fault } from '@sallyport/kernel';

import { eventLogFault } from './event-log-faults.js';

/** Somebody who waits until a follower has caught up. */
export interface FeedWaiter {
  resolve(): void;
  reject(fault: Fault): void;
}

/** Those who wait until a follower has caught up. Once closed, everyone is told so, also who comes later or is put back. */
export class FeedWaiters {
  private waiting: readonly FeedWaiter[] = [];
  private closed = false;

  /** Rejects with `event_log.closed` when the follower ends first. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => this.putBack([{ resolve, reject }]));
  }

  /** Hands out everyone who waits now: for a round, who is answered by it. */
  take(): readonly FeedWaiter[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  /** Lets them wait on. */
  putBack(waiters: readonly FeedWaiter[]): void {
    if (this.closed) for (const waiter of waiters) waiter.reject(closedFault());
    else this.waiting = [...waiters, ...this.waiting];
  }

  close(): void {
    this.closed = true;
    this.putBack(this.take());
  }
}

/** What is said to everyone after a follower was closed. */
export function closedFault(): Fault {
  return eventLogFault.closed('the follower was closed');
}
