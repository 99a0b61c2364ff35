import type { DomainEvent } from '@sallyport/domain-events';
import type { EpochMs, Fault, OrganisationId, Revision } from '@sallyport/kernel';
import type { OrganisationFold } from '@sallyport/organisation-state';

/** "Every event committed before `committedBefore` has been delivered above this line." */
export interface Stamp {
  readonly committedBefore: EpochMs;
}

/** What a follower is told. All are synchronous: a follower folds and swaps, it does not wait. */
export interface FeedListener {
  /** Events of one organisation come in revision order. One may come again; none is left out. Listeners drop what they have. */
  onEvents(events: readonly DomainEvent[]): void;
  onStamp(stamp: Stamp): void;
  /**
   * The organisation folded up to a revision, in place of its events up to there: the next events go on from it. The state is the
   * listener's from now on, to fold on. One that is not newer than what the listener holds changes nothing; a newer one ends the
   * refusal of an organisation that was unreadable. Feeds without snapshots never call it; those with them need it.
   */
  onSnapshot?(state: OrganisationFold): void;
  /**
   * The organisation's next events cannot be read (a fact this version does not know), or the log has fewer than the listener
   * holds: nothing more comes for it, and later stamps do not speak of it. The listener refuses for that organisation.
   * A listener without this method gets no stamp any more instead.
   */
  onUnreadable?(organisationId: OrganisationId, fault: Fault): void;
}

/** A running follower. */
export interface FeedSubscription {
  /** Resolves when everything committed before the call has been delivered; rejects only when closed before that (`event_log.closed`). */
  caughtUp(): Promise<void>;
  /** Delivers what is committed now without waiting for the next round. */
  nudge(): void;
  /** Ends it. Nothing is delivered once this resolves. */
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
