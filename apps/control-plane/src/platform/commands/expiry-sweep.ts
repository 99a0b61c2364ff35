import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { EventLog } from '@sallyport/event-log';
import type { OrganisationId, Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { PART } from '../parts.js';
import { RepeatedTask } from '../repeated-task.js';
import { ExpireOverdue } from './expire-overdue.js';
import { EXPIRING, type Expiring } from './expiring.js';

/** How long between two sweeps, milliseconds. */
export const SWEEP_INTERVAL_MS = 60_000;

/** Records the expiry of whatever slices name as expiring, organisation by organisation. What fails is tried again by the next sweep, and holds up nothing else. */
@Injectable()
export class ExpirySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task: RepeatedTask;

  constructor(
    @Inject(ExpireOverdue) private readonly expire: Pick<ExpireOverdue, 'run'>,
    @Inject(EXPIRING) private readonly kinds: readonly Expiring[],
    @Inject(PART.eventLog) private readonly eventLog: Pick<EventLog, 'heads'>,
    @Inject(PART.log) private readonly log: Logger,
    @Inject(PART.scheduler) scheduler: Scheduler,
  ) {
    this.task = new RepeatedTask(scheduler, SWEEP_INTERVAL_MS, (isStopped) => this.sweep(isStopped));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }

  private async sweep(isStopped: () => boolean): Promise<void> {
    await this.trying(undefined, async () => {
      for (const organisationId of (await this.eventLog.heads()).keys()) await this.sweepOne(organisationId, isStopped);
    });
  }

  private async sweepOne(organisationId: OrganisationId, isStopped: () => boolean): Promise<void> {
    for (const kind of this.kinds) if (!isStopped()) await this.trying(kind.change, () => this.expire.run(organisationId, kind));
  }

  private async trying(change: string | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (caught) {
      this.log.warn({ event: 'expiry.failed', change, err: caught }, 'what has expired could not be recorded; trying again');
    }
  }
}
