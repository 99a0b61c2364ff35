import type { DomainEvent } from '@sallyport/domain-events';
import type { Fault, OrganisationId, Result, Revision } from '@sallyport/kernel';

/** One committed event with its place among all events of the deployment. */
export interface OutboxRow {
  /** 1, 2, 3 over the whole deployment without a gap. Per organisation positions follow revisions. Never given twice. */
  readonly position: number;
  readonly organisationId: OrganisationId;
  readonly revision: Revision;
  /** The event, or why this version cannot read it (`wire.undecodable`); its position counts all the same. */
  readonly event: Result<DomainEvent, Fault>;
}

/** What a leader is told meanwhile. Both are synchronous. */
export interface OutboxListener {
  /** Something was committed: there may be rows without a position. A hint; looking now and then does as well. */
  onNews(): void;
  /** The lead is gone, whoever has it now. Nothing can be done with the lease any more. */
  onLost(fault: Fault): void;
}

/**
 * The right to place and publish, held by one process at a time. Every method works through what holds the lock, so one
 * who lost it (was paused, cut off) can change nothing any more; its methods throw `event_log.unreachable`.
 */
export interface OutboxLease {
  /** Places every event that is committed now, and answers the newest position; 0 when there has been no event. */
  place(): Promise<number>;
  /** Placed rows after a position, in order; at least one if there is one, otherwise as many as fit a batch. */
  read(after: number): Promise<readonly OutboxRow[]>;
  /** The newest position that was noted as published; what follows it may have been published too. */
  published(): Promise<number>;
  /** Notes that everything up to a position was published, and tells those who wait for it. */
  markPublished(upTo: number): Promise<void>;
  /**
   * Forgets rows that were published longer than `olderThanMs` ago, a batch at most; of each organisation the newest stays.
   * Notes what a writer without an outbox appended.
   *
   * @returns How many were forgotten.
   */
  tidy(olderThanMs: number): Promise<number>;
  /** Lets another lead. */
  release(): Promise<void>;
}

/** What was committed and has to be published: rows come in the transaction that appends the events. */
export interface Outbox {
  /** Takes the lead if nobody has it; `undefined` when somebody does. @throws {Fault} `event_log.unreachable` */
  tryLead(listener: OutboxListener): Promise<OutboxLease | undefined>;
  close(): Promise<void>;
}

/** How far publishing came. */
export interface Publications {
  /**
   * Waits until a revision was published, at most `timeoutMs`.
   *
   * @returns milliseconds since then, or fewer; `null` when it is not published yet.
   */
  whenPublished(organisationId: OrganisationId, revision: Revision, timeoutMs: number): Promise<number | null>;
  close(): Promise<void>;
}
