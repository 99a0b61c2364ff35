import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@sallyport/domain-events';
import { ok, type Clock, type JsonObject, type OrganisationId } from '@sallyport/kernel';
import { Equal, LessThanOrEqual, type EntityManager } from 'typeorm';

import { CommandRunner } from '../../../platform/commands/command-runner.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { GrantRow } from '../read/grant-row.entity.js';
import { decideOnGrant } from './decide-on-grant.js';

const EXPIRY: Actor = { kind: 'system', name: 'expiry' };
const BATCH = 100;

/** Records that grants have expired. */
@Injectable()
export class ExpireGrants {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Records an organisation's expired grants as one change, at most 100; does not lock it when there is none. */
  async run(organisationId: OrganisationId): Promise<void> {
    const now = this.clock.now();
    if ((await this.reader.read(organisationId, (manager) => overdue(manager, organisationId, now))).length === 0) return;
    await this.runner.run<JsonObject>({ organisationId, actor: EXPIRY, name: 'expireGrants', input: {} }, async (session) => {
      for (const { grantId } of await overdue(session.rows, organisationId, session.now)) {
        await decideOnGrant(session, grantId, { type: 'expire', now: session.now });
      }
      return ok({ ids: {} });
    });
  }
}

function overdue(manager: EntityManager, organisationId: OrganisationId, now: number): Promise<readonly GrantRow[]> {
  const where = { organisationId, status: Equal<GrantRow['status']>('active'), expiresAt: LessThanOrEqual(new Date(now)) };
  return manager.find(GrantRow, { where, order: { expiresAt: 'ASC' }, take: BATCH });
}
