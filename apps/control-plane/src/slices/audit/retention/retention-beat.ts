import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';

import { PART } from '../../../platform/parts.js';
import { RepeatedTask } from '../../../platform/repeated-task.js';
import { SigningBeat } from '../sign/signing-beat.js';
import { RetentionSweep } from './retention-sweep.js';

const SWEEP_MS = 3_600_000;

/** Has what is past removed once an hour, by the process that signs. */
@Injectable()
export class RetentionBeat implements OnModuleInit, OnApplicationShutdown {
  private readonly task: RepeatedTask;

  constructor(
    @Inject(SigningBeat) private readonly beat: SigningBeat,
    @Inject(RetentionSweep) private readonly sweep: RetentionSweep,
    @Inject(PART.scheduler) scheduler: Scheduler,
    @Inject(PART.log) private readonly log: Logger,
  ) {
    this.task = new RepeatedTask(scheduler, SWEEP_MS, () => this.run());
  }

  onModuleInit(): void {
    this.task.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.task.stop();
  }

  private async run(): Promise<void> {
    try {
      if (await this.beat.leads()) await this.sweep.run();
    } catch (caught) {
      this.log.warn({ event: 'audit.retention_disturbed', err: caught }, 'removing audit events whose time is over is disturbed; trying again in an hour');
    }
  }
}
