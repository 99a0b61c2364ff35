import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '@sallyport/domain-events';
import { ok, type Clock, type JsonObject, type OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { PART } from '../parts.js';
import { OrganisationReader } from '../persistence/organisation-reader.js';
import { CommandRunner } from './command-runner.js';
import type { Expiring } from './expiring.js';

const EXPIRY: Actor = { kind: 'system', name: 'expiry' };
const BATCH = 100;

/** Records that objects have expired. */
@Injectable()
export class ExpireOverdue {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Records an organisation's expired objects of one kind as one change, at most 100; does not lock it when there is none. */
  async run(organisationId: OrganisationId, expiring: Expiring): Promise<void> {
    const find = (rows: EntityManager, now: number) => expiring.overdue(rows, { organisationId, now: new Date(now), limit: BATCH });
    const now = this.clock.now();
    if ((await this.reader.read(organisationId, (rows) => find(rows, now))).length === 0) return;
    await this.runner.run<JsonObject>({ organisationId, actor: EXPIRY, name: expiring.change, input: {} }, async (session) => {
      for (const id of await find(session.rows, session.now)) await expiring.expire(session, id);
      return ok({ ids: {} });
    });
  }
}
