import { Inject, Injectable } from '@nestjs/common';
import { adminFact } from '@sallyport/audit-admin';
import type { AuditFact } from '@sallyport/audit-event';
import type { DomainEvent } from '@sallyport/domain-events';
import type { PostgresEventLog } from '@sallyport/event-log-postgres';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { asAudit } from '../store/audit-role.js';
import { AuditTrail } from '../store/audit-trail.js';
import { sha256 } from '../store/sha256.js';
import { KnownObjects } from './known-objects.js';

/** Events taken in one transaction at most. */
const PAGE_EVENTS = 100;

/** How far an organisation's administration is in its audit stream. */
export interface AdminStanding {
  /** The newest revision that is in it. */
  readonly revision: Revision;
  /** Whether there may be more to take. */
  readonly isMore: boolean;
}

/**
 * Takes the organisations' events into their audit streams, in order and each once: the revision it came to is kept with the facts, under
 * the lock of the stream's head, so that a process that is killed, or one of several, neither leaves out nor doubles one.
 */
@Injectable()
export class Administration {
  private readonly objects: KnownObjects;

  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.eventLog) private readonly log: PostgresEventLog,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
  ) {
    this.objects = new KnownObjects(log);
  }

  /** Every organisation's newest revision, and the organisations of which some event up to there is not in the audit stream yet. */
  async standing(): Promise<{ readonly heads: ReadonlyMap<OrganisationId, Revision>; readonly behind: readonly OrganisationId[] }> {
    const heads = await this.log.heads();
    const rows = await asAudit(this.dataSource, (manager) => manager.query<{ organisation_id: OrganisationId; admin_revision: string }[]>('SELECT organisation_id, admin_revision FROM audit_heads'));
    const told = new Map(rows.map((row) => [row.organisation_id, Number(row.admin_revision)]));
    return { heads, behind: [...heads].flatMap(([id, head]) => (head > (told.get(id) ?? 0) ? [id] : [])) };
  }

  /** Takes the next events of an organisation, a bounded number. */
  async takeNext(organisationId: OrganisationId): Promise<AdminStanding> {
    let standing: AdminStanding = { revision: branded<Revision>(0), isMore: false };
    await this.trail.follow(organisationId, async ({ adminRevision }, manager) => {
      const events = await this.log.readWithin(manager, organisationId, { after: branded<Revision>(adminRevision), limit: PAGE_EVENTS });
      const revision = events.at(-1)?.revision ?? branded<Revision>(adminRevision);
      standing = { revision, isMore: events.length === PAGE_EVENTS };
      return { facts: await this.factsOf(manager, events), cursor: { adminRevision: revision } };
    });
    return standing;
  }

  private async factsOf(manager: EntityManager, events: readonly DomainEvent[]): Promise<readonly AuditFact[]> {
    const facts: AuditFact[] = [];
    for (const event of events) {
      const actor = await this.objects.actorOf(manager, event);
      facts.push(adminFact(event, { ...(await this.objects.around(manager, event)), actor, sha256 }));
    }
    return facts;
  }
}
