import { Inject, Injectable } from '@nestjs/common';
import type { AuditBus, SequencedRecord } from '@sallyport/audit';
import { seedOfCharge, type CounterSeed } from '@sallyport/counter-store';
import { inOrganisation } from '@sallyport/event-log-postgres';
import type { EventLog } from '@sallyport/event-log';
import { branded, type DecisionId, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { RecordTrail } from '../../audit/erasure/record-trail.js';
import type { DecisionRow } from '../decision-to-graphql.js';
import { DecisionHub } from '../stream/decision-hub.js';
import { isOfDecision, rowsOf, type SequencedDecision } from './decision-rows.js';
import { factsOfRecords } from './facts-of-records.js';
import { STORE_DECISIONS } from './store-decisions.sql.js';

interface ChargeRow {
  readonly key: string;
  readonly start_ms: string;
  readonly end_ms: string;
  readonly units: string;
}

/**
 * Stores decisions for search, and what happened as audit events, in one transaction for each organisation's part of a batch. A record
 * that comes again changes nothing and makes no second event, in whatever order records come. What workers note besides is no
 * decision, and becomes an event alone.
 */
@Injectable()
export class DecisionStore implements AuditBus {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.eventLog) private readonly log: EventLog,
    @Inject(DecisionHub) private readonly hub: DecisionHub,
    @Inject(RecordTrail) private readonly trail: RecordTrail,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
  ) {}

  async publish(batch: readonly SequencedRecord[]): Promise<void> {
    for (const [organisationId, records] of byOrganisation(batch)) {
      const settled = await this.storeAll(organisationId, records);
      if (organisationId !== null) this.hub.deliver(organisationId, settled);
      this.metrics.recordsStored.inc(records.length);
    }
  }

  /** The head of the organisation's stream is held from before the look at what is stored: what is new is new for good. */
  private async storeAll(organisationId: OrganisationId | null, batch: readonly SequencedRecord[]): Promise<readonly DecisionRow[]> {
    let settled: readonly DecisionRow[] = [];
    await this.trail.follow(organisationId, batch, async ({ head, manager, records }) => {
      const facts = await factsOfRecords(manager, head.organisationId, records);
      const decisions = records.filter(isOfDecision);
      if (organisationId !== null && decisions.length > 0) settled = await this.hub.rowsFor(manager, organisationId, await store(manager, decisions));
      return { facts };
    });
    return settled;
  }

  /** Units spent in windows of an hour and longer that are open at `atMs` and were not given back, summed by counter and window. */
  async *chargesSince(atMs: EpochMs): AsyncGenerator<CounterSeed> {
    for (const organisationId of (await this.log.heads()).keys()) {
      const rows = await inOrganisation(this.dataSource, organisationId, (manager) =>
        manager.query<ChargeRow[]>(OPEN_CHARGES, [organisationId, new Date(atMs).toISOString(), atMs]),
      );
      for (const row of rows) {
        const seed = seedOf(row);
        if (seed !== undefined) yield seed;
      }
    }
  }
}

/** Stores records of one organisation; answers the decisions that got their outcome by it. */
async function store(manager: EntityManager, records: readonly SequencedDecision[]): Promise<readonly DecisionId[]> {
  const rows = await manager.query<{ decision_id: DecisionId }[]>(STORE_DECISIONS, [JSON.stringify(rowsOf(records))]);
  return rows.map((row) => row.decision_id);
}

/** `null`: what belongs to the deployment. */
function byOrganisation(batch: readonly SequencedRecord[]): ReadonlyMap<OrganisationId | null, readonly SequencedRecord[]> {
  const groups = new Map<OrganisationId | null, SequencedRecord[]>();
  for (const sequenced of batch) {
    const { organisationId } = sequenced.record;
    const group = groups.get(organisationId);
    if (group === undefined) groups.set(organisationId, [sequenced]);
    else group.push(sequenced);
  }
  return groups;
}

function seedOf(row: ChargeRow): CounterSeed | undefined {
  const window = { windowStartMs: branded<EpochMs>(Number(row.start_ms)), windowEndMs: branded<EpochMs>(Number(row.end_ms)) };
  return seedOfCharge({ key: row.key, units: row.units, ...window });
}

const OPEN_CHARGES = `
  SELECT c->>'key' AS key, c->>'windowStartMs' AS start_ms, c->>'windowEndMs' AS end_ms, sum((c->>'units')::numeric)::text AS units
  FROM decisions, jsonb_array_elements(charges) AS c
  WHERE organisation_id = $1 AND charged_until > $2::timestamptz AND charges_released IS NOT TRUE
    AND (c->>'windowEndMs')::numeric > $3::numeric AND (c->>'windowEndMs')::numeric - (c->>'windowStartMs')::numeric >= 3600000
  GROUP BY 1, 2, 3`;
