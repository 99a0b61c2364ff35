import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@sallyport/domain-events';
import { ok, type Clock, type JsonObject, type OrganisationId } from '@sallyport/kernel';
import { LessThanOrEqual, type EntityManager } from 'typeorm';

import { CommandRunner } from '../../../platform/commands/command-runner.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { RevealRow } from '../read/reveal-row.entity.js';
import { decideOnReveal } from './decide-on-reveal.js';

const EXPIRY: Actor = { kind: 'system', name: 'expiry' };
const BATCH = 100;

/** Records that reveals have expired. */
@Injectable()
export class ExpireReveals {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Records an organisation's expired reveals as one change, at most 100; does not lock it when there is none. */
  async run(organisationId: OrganisationId): Promise<void> {
    const now = this.clock.now();
    if ((await this.reader.read(organisationId, (manager) => overdue(manager, organisationId, now))).length === 0) return;
    await this.runner.run<JsonObject>({ organisationId, actor: EXPIRY, name: 'expireReveals', input: {} }, async (session) => {
      for (const { revealId } of await overdue(session.rows, organisationId, session.now)) await decideOnReveal(session, revealId, { type: 'expire', now: session.now });
      return ok({ ids: {} });
    });
  }
}

function overdue(manager: EntityManager, organisationId: OrganisationId, now: number): Promise<readonly RevealRow[]> {
  return manager.find(RevealRow, { where: { organisationId, openUntil: LessThanOrEqual(new Date(now)) }, order: { openUntil: 'ASC' }, take: BATCH });
}
