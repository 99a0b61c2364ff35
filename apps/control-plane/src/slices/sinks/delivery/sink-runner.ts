import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { asFollower } from '@sallyport/event-log-postgres';
import { isFault, type OrganisationId, type SinkId } from '@sallyport/kernel';
import type { SinkFleet, SinkPlan } from '@sallyport/sinks';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import type { RepeatedTask } from '../../../platform/repeated-task.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import { SinkRow } from '../read/sink-row.entity.js';
import { SinkPlans } from '../sink-plans.js';
import { SinkFleets } from './sink-fleets.js';

/** How soon a change of any sink, by whichever control plane, is seen by all, milliseconds. */
const LOOK_MS = 1_000;
const CLOSE_MS = 5_000;

/** A sink as all control planes see it. */
interface SeenSink {
  readonly organisation_id: OrganisationId;
  readonly sink_id: SinkId;
  readonly revision: number;
}

/**
 * Exports confirmed sinks of every organisation, beside the other control planes: each of them knows all sinks and takes its share, and a lease for each
 * sink says who sends. Sinks are looked for again and again; a change of one touches no other.
 */
@Injectable()
export class SinkRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly fleet: SinkFleet;
  private readonly task: RepeatedTask;
  private plans = new Map<SinkId, { readonly revision: number; readonly plan: SinkPlan | null }>();
  private looking: Promise<void> = Promise.resolve();

  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(SinkPlans) private readonly sinkPlans: SinkPlans,
    @Inject(SinkFleets) fleets: SinkFleets,
    @Inject(PART.log) private readonly log: Logger,
  ) {
    this.fleet = fleets.make((plan, fault) => this.tellFault(plan, fault));
    this.task = fleets.repeatedly(LOOK_MS, () => this.lookNow());
  }

  onApplicationBootstrap(): void {
    this.task.start();
    void this.lookNow();
  }

  async onModuleDestroy(): Promise<void> {
    await this.task.stop();
    await this.looking;
    await this.fleet.close(CLOSE_MS);
  }

  /** Looks for changes of sinks at once, and has one look at what a person wrote of it. Never rejects. */
  async lookNow(sink?: { readonly organisationId: OrganisationId; readonly sinkId: SinkId }): Promise<void> {
    this.looking = this.looking.then(() => this.look());
    await this.looking;
    if (sink !== undefined) this.fleet.nudge(sink);
  }

  private async look(): Promise<void> {
    try {
      const seen = await asFollower(this.dataSource, (rows) => rows.query<SeenSink[]>('SELECT organisation_id, sink_id, revision FROM sinks WHERE confirmed IS NOT NULL'));
      const plans = new Map<SinkId, { readonly revision: number; readonly plan: SinkPlan | null }>();
      for (const sink of seen) plans.set(sink.sink_id, await this.planned(sink));
      this.plans = plans;
      this.fleet.apply([...plans.values()].flatMap(({ plan }) => plan ?? []));
    } catch (caught) {
      this.log.warn({ event: 'sinks.not_seen', err: caught }, 'looking for sinks failed; trying again');
    }
  }

  private async planned({ organisation_id: organisationId, sink_id: sinkId, revision }: SeenSink) {
    const known = this.plans.get(sinkId);
    if (known?.revision === revision) return known;
    const plan = await this.reader.read(organisationId, async (rows) => {
      const row = await rows.findOneBy(SinkRow, { organisationId, sinkId });
      return row === null ? null : this.sinkPlans.of(row, await rows.findOneByOrFail(OrganisationRow, { organisationId }));
    });
    if (plan?.ok === false) this.log.warn({ event: 'sink.cannot_run', organisationId, sinkId, problem: plan.refusal }, 'a sink cannot export before somebody changes it');
    return { revision, plan: plan?.ok === true ? plan.value : null };
  }

  private tellFault({ organisationId, sinkId }: SinkPlan, fault: unknown): void {
    const code = isFault(fault) ? fault.code : 'unknown';
    this.log.warn({ event: 'sink.disturbed', organisationId, sinkId, code, err: fault }, 'exporting is disturbed by our own store; trying again');
  }
}
