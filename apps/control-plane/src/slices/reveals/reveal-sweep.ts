import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { EventLog } from '@sallyport/event-log';
import type { Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { PART } from '../../platform/parts.js';
import { RepeatedTask } from '../../platform/repeated-task.js';
import { ExpireReveals } from './commands/expire-reveals.js';

/** How long between two sweeps, milliseconds. */
export const REVEAL_SWEEP_MS = 60_000;

/** Records the expiry of reveals whose time has passed. For the record only: whoever confirms or reads goes by the time itself. */
@Injectable()
export class RevealSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task: RepeatedTask;

  constructor(
    @Inject(ExpireReveals) private readonly expire: ExpireReveals,
    @Inject(PART.eventLog) private readonly eventLog: EventLog,
    @Inject(PART.log) private readonly log: Logger,
    @Inject(PART.scheduler) scheduler: Scheduler,
  ) {
    this.task = new RepeatedTask(scheduler, REVEAL_SWEEP_MS, (isStopped) => this.sweep(isStopped));
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
      this.log.warn({ event: 'reveals.expiry_failed', err: caught }, 'expired reveals could not be recorded; trying again');
    }
  }
}
