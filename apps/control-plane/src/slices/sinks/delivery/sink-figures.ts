import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { asFollower, inOrganisation } from '@sallyport/event-log-postgres';
import type { Clock, OrganisationId, Scheduler } from '@sallyport/kernel';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { RepeatedTask } from '../../../platform/repeated-task.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import type { SinkFigure } from '../../../platform/telemetry/sink-metrics.js';
import { selectFigures } from './figure-rows.js';

/** How old the figures of a sink are at most, milliseconds, while the database answers. */
const LOOK_MS = 5_000;

/** Reads how all sinks stand, whoever exports to them, for `/metrics`: a scrape asks no database. */
@Injectable()
export class SinkFigures implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly task: RepeatedTask;
  private isDisturbed = false;

  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.scheduler) scheduler: Scheduler,
    @Inject(PART.log) private readonly log: Logger,
  ) {
    this.task = new RepeatedTask(scheduler, LOOK_MS, (isStopped) => this.look(isStopped));
  }

  onApplicationBootstrap(): void {
    this.task.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }

  private async look(isStopped: () => boolean): Promise<void> {
    try {
      const figures: SinkFigure[] = [];
      for (const organisationId of await this.organisations()) {
        if (isStopped()) return;
        figures.push(...(await inOrganisation(this.dataSource, organisationId, (rows) => selectFigures(rows, organisationId, this.clock.now()))));
      }
      this.metrics.sinks.show(figures, this.clock.now());
      this.isDisturbed = false;
    } catch (caught) {
      if (!this.isDisturbed) this.log.warn({ event: 'sinks.figures_not_read', err: caught }, 'reading how sinks stand failed; trying again');
      this.isDisturbed = true;
    }
  }

  private async organisations(): Promise<readonly OrganisationId[]> {
    const seen = await asFollower(this.dataSource, (rows) => rows.query<{ organisation_id: OrganisationId }[]>('SELECT DISTINCT organisation_id FROM sinks WHERE confirmed IS NOT NULL'));
    return seen.map(({ organisation_id: organisationId }) => organisationId);
  }
}
