import type { DomainEvent } from '@sallyport/domain-events';
import type { EntityManager } from 'typeorm';

/**
 * Keeps some tables in step with the events. What every projector promises:
 *
 * - Its tables hold nothing that does not follow from the events, so emptying them and applying every event again in
 *   order gives the same rows. No clock, no randomness, no look at another projector's tables.
 * - `apply` ignores events that are not its own, and is called once for each event, in revision order per organisation.
 *
 * It runs in the transaction that appends the events, as the serving role of the event's organisation: its tables need
 * SELECT, INSERT, UPDATE and DELETE for that role, under row level security.
 */
export interface Projector {
  /** Names of the tables it owns; a rebuild empties them. */
  readonly tables: readonly string[];
  /** Brings the tables from the revision before the event to the event's. */
  apply(manager: EntityManager, event: DomainEvent): Promise<void>;
}
