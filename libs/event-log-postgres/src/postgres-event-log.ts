import type { DomainEvent, ObjectRef } from '@sallyport/domain-events';
import { type AppendRequest, type EventLog, recordAppend } from '@sallyport/event-log';
import type { EpochMs, OrganisationId, Revision } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { orLogFault } from './driver-faults.js';
import { insertEvents, lockHead, moveHead, objectVersions, selectHead, selectHeads, selectObject, selectPage, selectRevisionAt } from './event-rows.js';
import { insertOutboxRows } from './outbox-rows.js';
import { asFollower, enterOrganisation, inOrganisation } from './serving-role.js';

/**
 * The event log in PostgreSQL, the source of truth.
 *
 * Writers of one organisation queue on its head row and hold it until they commit, so revisions are gapless and become
 * visible in order; organisations do not wait for each other. The methods ending in `Within` work in the caller's
 * transaction, which is how projections change together with the events:
 *
 * @example
 * await dataSource.transaction(async (manager) => {
 *   await log.lockOrganisation(manager, organisationId);
 *   const history = await log.readObjectWithin(manager, organisationId, grant);
 *   const events = await log.appendWithin(manager, request);   // then the projections, then commit
 * });
 */
export class PostgresEventLog implements EventLog {
  /**
   * @param dataSource Initialised, with `eventLogMigrations` run; its login may become the serving and the follower role.
   * @param options    `outbox`: whether each event is also noted for a relay, in its own transaction. Only where one runs: nobody else empties it.
   */
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: { readonly outbox: boolean } = { outbox: false },
  ) {}

  append(request: AppendRequest): Promise<readonly DomainEvent[]> {
    return orLogFault(() => this.dataSource.transaction((manager) => this.appendWithin(manager, request)));
  }

  read(organisationId: OrganisationId, after: Revision, limit: number): Promise<readonly DomainEvent[]> {
    return this.reading(organisationId, (manager) => selectPage(manager, organisationId, { after, limit }));
  }

  readObject(organisationId: OrganisationId, object: ObjectRef): Promise<readonly DomainEvent[]> {
    return this.reading(organisationId, (manager) => selectObject(manager, organisationId, object));
  }

  head(organisationId: OrganisationId): Promise<Revision> {
    return this.reading(organisationId, (manager) => selectHead(manager, organisationId));
  }

  revisionAt(organisationId: OrganisationId, at: EpochMs): Promise<Revision> {
    return this.reading(organisationId, (manager) => selectRevisionAt(manager, organisationId, at));
  }

  heads(): Promise<ReadonlyMap<OrganisationId, Revision>> {
    return orLogFault(() => asFollower(this.dataSource, selectHeads));
  }

  /**
   * Makes the caller's transaction the organisation's only writer until it ends, acting as the serving role, and says
   * where the organisation stands. Commands lock first and read afterwards. Locking again in the same transaction is free of harm.
   */
  lockOrganisation(manager: EntityManager, organisationId: OrganisationId): Promise<Revision> {
    return orLogFault(async () => {
      await enterOrganisation(manager, organisationId);
      return lockHead(manager, organisationId);
    });
  }

  /**
   * `append` inside the caller's transaction, which also becomes the organisation's (see `lockOrganisation`). A refused
   * append wrote nothing, but the caller rolls back whatever else it did.
   */
  appendWithin(manager: EntityManager, request: AppendRequest): Promise<readonly DomainEvent[]> {
    return orLogFault(async () => {
      const revision = await this.lockOrganisation(manager, request.organisationId);
      const events = recordAppend(request, { revision, objectVersions: await objectVersions(manager, request) });
      const newest = events.at(-1);
      if (newest === undefined) return events;
      await insertEvents(manager, events);
      if (this.options.outbox) await insertOutboxRows(manager, events);
      await moveHead(manager, request.organisationId, newest.revision);
      return events;
    });
  }

  /** `read` inside the caller's transaction of that organisation. */
  readWithin(manager: EntityManager, organisationId: OrganisationId, page: { after: Revision; limit: number }): Promise<readonly DomainEvent[]> {
    return orLogFault(() => selectPage(manager, organisationId, page));
  }

  /** `readObject` inside the caller's transaction of that organisation. */
  readObjectWithin(manager: EntityManager, organisationId: OrganisationId, object: ObjectRef): Promise<readonly DomainEvent[]> {
    return orLogFault(() => selectObject(manager, organisationId, object));
  }

  private reading<Value>(organisationId: OrganisationId, work: (manager: EntityManager) => Promise<Value>): Promise<Value> {
    return orLogFault(() => inOrganisation(this.dataSource, organisationId, work));
  }
}
