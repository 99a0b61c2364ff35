import { Inject, Injectable } from '@nestjs/common';
import type { AuditBus, SequencedRecord } from '@sallyport/audit';
import { seedOfCharge, type CounterSeed } from '@sallyport/counter-store';
import { inOrganisation } from '@sallyport/event-log-postgres';
import type { EventLog } from '@sallyport/event-log';
import { branded, type DecisionId, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { DecisionHub } from '../stream/decision-hub.js';
import { isOfDecision, rowsOf, type SequencedDecision } from './decision-rows.js';
import { STORE_DECISIONS } from './store-decisions.sql.js';

interface ChargeRow {
  readonly key: string;
  readonly start_ms: string;
  readonly end_ms: string;
  readonly units: string;
}

/**
 * Stores decisions for search; what workers note besides is no decision. Each organisation's part of a batch is one statement in one transaction; a record that
 * comes again changes nothing, in whatever order records come.
 */
@Injectable()
export class DecisionStore implements AuditBus {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(PART.eventLog) private readonly log: EventLog,
    @Inject(DecisionHub) private readonly hub: DecisionHub,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
  ) {}

  async publish(batch: readonly SequencedRecord[]): Promise<void> {
    for (const [organisationId, records] of byOrganisation(batch)) {
      const settled = await inOrganisation(this.dataSource, organisationId, async (manager) =>
        this.hub.rowsFor(manager, organisationId, await store(manager, records)),
      );
      this.hub.deliver(organisationId, settled);
      this.metrics.recordsStored.inc(records.length);
    }
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

function byOrganisation(batch: readonly SequencedRecord[]): ReadonlyMap<OrganisationId, readonly SequencedDecision[]> {
  const groups = new Map<OrganisationId, SequencedDecision[]>();
  for (const sequenced of batch) {
    if (!isOfDecision(sequenced)) continue;
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
