import { Inject, Injectable } from '@nestjs/common';
import type { AuditFact, StoredEvent } from '@sallyport/audit-event';
import { enterOrganisation } from '@sallyport/event-log-postgres';
import type { OrganisationId, Result } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { NO_ORGANISATION, type AuditHead } from './audit-head.js';
import { AuditHub } from './audit-hub.js';
import { Sequencer, type SourceCursor } from './sequencer.js';

/** Facts with the place in their source that they bring it to. */
export interface SourcedFacts {
  readonly facts: readonly AuditFact[];
  readonly cursor?: SourceCursor;
}

/** Puts facts into a stream in the caller's transaction, which has entered the organisation and may hold its event log's lock. */
export type AppendFacts = (manager: EntityManager, facts: readonly AuditFact[]) => Promise<readonly StoredEvent[]>;

/** Where every source but the workers' records puts what happened: administration, sign-ins, exports, keys. */
@Injectable()
export class AuditTrail {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(Sequencer) private readonly sequencer: Sequencer,
    @Inject(AuditHub) private readonly hub: AuditHub,
  ) {}

  /**
   * Puts facts into a stream, in a transaction of its own; they are stored when it resolves.
   *
   * @param organisationId `null` for the deployment's own stream.
   */
  append(organisationId: OrganisationId | null, facts: readonly AuditFact[]): Promise<readonly StoredEvent[]> {
    return this.follow(organisationId, async () => ({ facts }));
  }

  /**
   * Puts into a stream what a source finds to come next, exactly once: `find` is asked while the stream's head is held, with where
   * it stands, so what two processes found at once is stored by one of them. What `find` writes is stored with the facts, or not at all.
   */
  async follow(organisationId: OrganisationId | null, find: (head: AuditHead, manager: EntityManager) => Promise<SourcedFacts>): Promise<readonly StoredEvent[]> {
    const owner = organisationId ?? NO_ORGANISATION;
    await this.sequencer.prepare();
    const events = await this.dataSource.transaction(async (manager) => {
      await enterOrganisation(manager, owner);
      const head = await this.sequencer.lock(manager, organisationId);
      const { facts, cursor } = await find(head, manager);
      return this.sequencer.appendAfter(manager, head, facts, cursor);
    });
    const newest = events.at(-1);
    if (newest !== undefined) this.hub.grown(owner, newest.seq);
    return events;
  }

  /**
   * For what must not be done without its record: `work` puts facts into the organisation's stream in a transaction of its own, which
   * stores them with whatever else it does, or nothing. It answers whether that was committed.
   */
  async within<Value, Refusal>(organisationId: OrganisationId, work: (append: AppendFacts) => Promise<Result<Value, Refusal>>): Promise<Result<Value, Refusal>> {
    await this.sequencer.prepare();
    let size = 0;
    const done = await work(async (manager, facts) => {
      const events = await this.sequencer.append(manager, organisationId, facts);
      size = events.at(-1)?.seq ?? size;
      return events;
    });
    if (done.ok && size > 0) this.hub.grown(organisationId, size);
    return done;
  }
}
