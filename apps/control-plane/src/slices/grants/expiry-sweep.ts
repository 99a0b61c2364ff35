import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Actor } from '@sallyport/domain-events';
import type { EventLog } from '@sallyport/event-log';
import type { Clock, GrantId, OrganisationId } from '@sallyport/kernel';
import type { Scheduler } from '@sallyport/upstream';
import type { Logger } from 'pino';
import { Equal, LessThanOrEqual } from 'typeorm';

import { CommandRunner } from '../../platform/commands/command-runner.js';
import { PART } from '../../platform/parts.js';
import { OrganisationReader } from '../../platform/persistence/organisation-reader.js';
import { decideOnGrant, type GrantIds } from './commands/decide-on-grant.js';
import { GrantRow } from './read/grant-row.entity.js';

const EXPIRY: Actor = { kind: 'system', name: 'expiry' };
const BATCH = 100;

/** How long between two sweeps, milliseconds. */
export const SWEEP_INTERVAL_MS = 60_000;

/** Records the expiry of grants whose time has passed. For the record only: workers and readers go by the time itself. */
@Injectable()
export class ExpirySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private callOff: () => void = () => undefined;
  private isClosed = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.eventLog) private readonly eventLog: EventLog,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.callOff = this.scheduler.after(SWEEP_INTERVAL_MS, () => {
      this.running = this.sweep().finally(() => {
        if (!this.isClosed) this.onApplicationBootstrap();
      });
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.isClosed = true;
    this.callOff();
    await this.running;
  }

  /** Records what has expired by now in every organisation. Never throws. */
  async sweep(): Promise<void> {
    try {
      for (const organisationId of (await this.eventLog.heads()).keys()) await this.sweepOrganisation(organisationId);
    } catch (caught) {
      this.log.warn({ event: 'expiry.failed', err: caught }, 'expired grants could not be recorded; trying again');
    }
  }

  private async sweepOrganisation(organisationId: OrganisationId): Promise<void> {
    for (const grantId of await this.overdue(organisationId)) {
      if (this.isClosed) return;
      const command = { organisationId, actor: EXPIRY, name: 'expireGrant', input: {} };
      await this.runner.run<GrantIds>(command, (session) => decideOnGrant(session, grantId, { type: 'expire', now: session.now }));
    }
  }

  private async overdue(organisationId: OrganisationId): Promise<readonly GrantId[]> {
    const where = { organisationId, status: Equal<GrantRow['status']>('active'), expiresAt: LessThanOrEqual(new Date(this.clock.now())) };
    const rows = await this.reader.read(organisationId, (manager) => manager.find(GrantRow, { where, order: { expiresAt: 'ASC' }, take: BATCH }));
    return rows.map((row) => row.grantId);
  }
}
