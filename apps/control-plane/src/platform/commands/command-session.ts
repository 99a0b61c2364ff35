import type { DomainEvent, DomainFact, ObjectRef } from '@sallyport/domain-events';
import { foldEvents } from '@sallyport/event-log';
import type { PostgresEventLog } from '@sallyport/event-log-postgres';
import type { EpochMs, OrganisationId, Revision } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

/** How facts of one kind of object make its state; the shape of a decider without its `decide`. */
export interface Fold<State> {
  readonly initial: State;
  evolve(state: State, fact: DomainFact, event: DomainEvent): State;
}

/** An object as its events make it. */
export interface Loaded<State> {
  readonly state: State;
  /** Its version, to be given back to `append`; 0 for an object nobody heard of. */
  readonly version: number;
}

/** What a command's work may do. Everything happens in one transaction that holds the organisation's lock. */
export interface CommandSession {
  readonly organisationId: OrganisationId;
  /** The command's time: one instant for everything it does. */
  readonly now: EpochMs;
  /** Look-ups in the projections, which are in step with the events while the lock is held. */
  readonly rows: EntityManager;
  /** Folds an object's events. */
  load<State>(object: ObjectRef, fold: Fold<State>): Promise<Loaded<State>>;
  /** Notes facts to be appended, in order, when the work has succeeded. `version` is what `load` gave. */
  append(object: ObjectRef, version: number, facts: readonly DomainFact[]): void;
}

/** A fact on its way into the log. */
export interface NotedFact {
  readonly object: ObjectRef;
  readonly fact: DomainFact;
}

/** The session of one command; the runner reads `noted` and `expected` afterwards. */
export class TransactionSession implements CommandSession {
  readonly noted: NotedFact[] = [];
  readonly expected: { readonly object: ObjectRef; readonly version: number }[] = [];
  readonly organisationId: OrganisationId;
  readonly now: EpochMs;
  readonly rows: EntityManager;
  /** The organisation's revision before the command. */
  readonly head: Revision;

  constructor(
    private readonly log: PostgresEventLog,
    at: { readonly organisationId: OrganisationId; readonly now: EpochMs; readonly rows: EntityManager; readonly head: Revision },
  ) {
    this.organisationId = at.organisationId;
    this.now = at.now;
    this.rows = at.rows;
    this.head = at.head;
  }

  async load<State>(object: ObjectRef, fold: Fold<State>): Promise<Loaded<State>> {
    const events = await this.log.readObjectWithin(this.rows, this.organisationId, object);
    return { state: foldEvents(events, fold.evolve, fold.initial), version: events.length };
  }

  append(object: ObjectRef, version: number, facts: readonly DomainFact[]): void {
    if (facts.length === 0) return;
    this.expected.push({ object, version });
    for (const fact of facts) this.noted.push({ object, fact });
  }
}
