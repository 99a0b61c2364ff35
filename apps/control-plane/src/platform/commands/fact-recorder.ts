import { Inject, Injectable } from '@nestjs/common';
import type { Actor, DomainEvent } from '@sallyport/domain-events';
import type { PostgresEventLog } from '@sallyport/event-log-postgres';
import type { Clock, EventId, OrganisationId, Revision } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { newId } from '../new-id.js';
import { PART } from '../parts.js';
import type { Projector } from '../persistence/projector.js';
import { TransactionSession } from './command-session.js';

/** Opens commands' sessions and writes what they noted: events, and the projections with them. */
@Injectable()
export class FactRecorder {
  constructor(
    @Inject(PART.eventLog) private readonly log: PostgresEventLog,
    @Inject(PART.projectors) private readonly projectors: readonly Projector[],
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Makes the transaction the organisation's only writer until it ends, as the serving role. */
  async lock(manager: EntityManager, organisationId: OrganisationId): Promise<void> {
    await this.log.lockOrganisation(manager, organisationId);
  }

  /** Locks the organisation and opens a command's session in the caller's transaction. */
  async open(manager: EntityManager, organisationId: OrganisationId): Promise<TransactionSession> {
    const head = await this.log.lockOrganisation(manager, organisationId);
    return new TransactionSession(this.log, { organisationId, now: this.clock.now(), rows: manager, head });
  }

  /**
   * Appends what the session noted and brings the projections along.
   *
   * @returns the revision it produced; the one before when nothing was noted.
   * @throws {Fault} `event_log.moved_on` when an object is not at the version the session loaded.
   */
  async record(session: TransactionSession, actor: Actor): Promise<Revision> {
    if (session.noted.length === 0) return session.head;
    const events = await this.log.appendWithin(session.rows, {
      organisationId: session.organisationId,
      actor,
      occurredAt: new Date(session.now).toISOString(),
      events: session.noted.map((noted) => ({ eventId: newId<EventId>(session.now), ...noted })),
      expected: session.expected,
    });
    for (const event of events) await this.project(session.rows, event);
    return events.at(-1)?.revision ?? session.head;
  }

  private async project(manager: EntityManager, event: DomainEvent): Promise<void> {
    for (const projector of this.projectors) await projector.apply(manager, event);
  }
}
