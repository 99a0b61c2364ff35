import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { EventLog } from '@sallyport/event-log';
import type { Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { PART } from '../../platform/parts.js';
import { RepeatedTask } from '../../platform/repeated-task.js';
import { ExpireGrants } from './commands/expire-grants.js';

/** How long between two sweeps, milliseconds. */
export const SWEEP_INTERVAL_MS = 60_000;

/** Records the expiry of grants whose time has passed. For the record only: workers and readers go by the time itself. */
@Injectable()
export class ExpirySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task: RepeatedTask;

  constructor(
    @Inject(ExpireGrants) private readonly expire: ExpireGrants,
    @Inject(PART.eventLog) private readonly eventLog: EventLog,
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
    try {
      for (const organisationId of (await this.eventLog.heads()).keys()) if (!isStopped()) await this.expire.run(organisationId);
    } catch (caught) {
      this.log.warn({ event: 'expiry.failed', err: caught }, 'expired grants could not be recorded; trying again');
    }
  }
}
