import type { Actor, DomainEvent, DomainFact, ObjectRef } from '@sallyport/domain-events';
import type { EpochMs, EventId, OrganisationId, Revision } from '@sallyport/kernel';

/** A fact to be appended; the log gives it its revision and object version. */
export interface DraftEvent {
  readonly eventId: EventId;
  readonly object: ObjectRef;
  readonly fact: DomainFact;
}

/** One append: all events or none, in the order given. */
export interface AppendRequest {
  readonly organisationId: OrganisationId;
  readonly actor: Actor;
  /** RFC 3339 in UTC with milliseconds. */
  readonly occurredAt: string;
  readonly events: readonly DraftEvent[];
  /** The version each named object must be at (0: no event yet). Objects not named are appended to wherever they are. */
  readonly expected: readonly { readonly object: ObjectRef; readonly version: number }[];
}

/**
 * The organisations' facts, in order. What every adapter promises:
 *
 * - `append` is atomic; of two appends that expect the same version of an object, one is refused.
 * - Revisions of an organisation are 1, 2, 3 without a gap, whatever fails or races; so are an object's versions.
 * - A reader that sees revision n has seen, or can read, every revision before it: nothing becomes visible late.
 * - Events never change and are never removed.
 *
 * All methods throw `event_log.unreachable` when the store does not answer.
 */
export interface EventLog {
  /**
   * @returns the events as recorded, in order.
   * @throws {Fault} `event_log.moved_on` when an object is not at its expected version; nothing was written.
   */
  append(request: AppendRequest): Promise<readonly DomainEvent[]>;
  /** Events after a revision, oldest first, at most `limit`. */
  read(organisationId: OrganisationId, after: Revision, limit: number): Promise<readonly DomainEvent[]>;
  /** One object's whole stream, oldest first; empty for an object nobody heard of. */
  readObject(organisationId: OrganisationId, object: ObjectRef): Promise<readonly DomainEvent[]>;
  /** The organisation's newest revision; 0 when it has none. */
  head(organisationId: OrganisationId): Promise<Revision>;
  /** The newest revision whose event occurred at or before `at`; 0 when there is none. */
  revisionAt(organisationId: OrganisationId, at: EpochMs): Promise<Revision>;
  /** Every organisation that has events, with its newest revision. */
  heads(): Promise<ReadonlyMap<OrganisationId, Revision>>;
}
