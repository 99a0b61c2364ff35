import type { DomainEvent } from '@sallyport/domain-events';
import type { EpochMs, OrganisationId, Revision } from '@sallyport/kernel';

/** "Every event committed before `committedBefore` has been delivered above this line." */
export interface Stamp {
  readonly committedBefore: EpochMs;
}

/** What a follower is told. Both are synchronous: a follower folds and swaps, it does not wait. */
export interface FeedListener {
  /** Events of one organisation come in revision order. One may come again; none is left out. Listeners drop what they have. */
  onEvents(events: readonly DomainEvent[]): void;
  onStamp(stamp: Stamp): void;
}

/** A running follower. */
export interface FeedSubscription {
  /** Resolves when everything committed before the call has been delivered; rejects only when closed before that. */
  caughtUp(): Promise<void>;
  /** Delivers what is committed now without waiting for the next round. */
  nudge(): void;
  close(): Promise<void>;
}

/**
 * Follows every organisation's events: first the backlog, then live, with no seam between them.
 * Stamps come at least every 500 ms while the log answers, and stop when it does not: their age is how a follower
 * knows how old its own state may be.
 */
export interface EventFeed {
  /** `applied` says what the listener already holds; absent organisations start at revision 1. */
  follow(listener: FeedListener, applied: ReadonlyMap<OrganisationId, Revision>): FeedSubscription;
}
