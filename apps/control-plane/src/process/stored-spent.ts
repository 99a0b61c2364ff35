import { TOPIC, type Broker } from '@sallyport/broker';
import { seedOfCharge, type StoredCharge } from '@sallyport/counter-store';
import type { OrganisationSpent, SpentSource } from '@sallyport/counter-store-redis';
import type { WorkerRecordGate } from '@sallyport/event-stream';
import type { EventLog } from '@sallyport/event-log';
import { inOrganisation } from '@sallyport/event-log-postgres';
import { branded, isFault, type Clock, type EpochMs, type Fault, type OrganisationId, type Scheduler } from '@sallyport/kernel';
import { decodeRecord } from '@sallyport/wire';
import type { DataSource } from 'typeorm';

/** What it is made of. */
export interface StoredSpentParts {
  readonly dataSource: DataSource;
  readonly log: Pick<EventLog, 'heads'>;
  readonly broker: Broker;
  /** Lets in what workers wrote; the consumer counts and tells of the rest. */
  readonly gate: Pick<WorkerRecordGate, 'open'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly onFault: (fault: Fault) => void;
}

interface ChargeRow {
  readonly key: string;
  readonly start_ms: string;
  readonly end_ms: string;
  readonly units: string;
}

/** Records that workers published longer ago are stored, or a consumer is so far behind that its own alarm rings. */
const LOOKED_BACK_MS = 600_000;
const LOOK_MS = 50;
/** Windows shorter than this are charged in decisions no older than it. */
const SHORT_MS = 3_600_000;
const SKEW_MS = 300_000;

/** What organisations spent, as stored decisions say. */
export class StoredSpent implements SpentSource {
  constructor(private readonly parts: StoredSpentParts) {}

  async organisations(): Promise<readonly OrganisationId[]> {
    return [...(await this.parts.log.heads()).keys()];
  }

  /** What every worker had published before the call is in the database, or was set aside for good. */
  async caughtUp(): Promise<void> {
    const newest = await this.newestPublished();
    while (newest.size > 0 && !(await this.areStored(newest))) await new Promise<void>((resolve) => this.parts.scheduler.after(LOOK_MS, resolve));
  }

  async spentOf(organisationId: OrganisationId, atMs: number): Promise<OrganisationSpent> {
    const since = firstIdAt(atMs - SHORT_MS - SKEW_MS);
    return inOrganisation(this.parts.dataSource, organisationId, async (manager) => {
      const rows = await manager.query<ChargeRow[]>(OPEN_CHARGES, [organisationId, new Date(atMs).toISOString(), since, atMs]);
      const [flying] = await manager.query<{ flying: boolean }[]>(CALLS_IN_FLIGHT, [organisationId, since]);
      return { seeds: rows.flatMap((row) => seedOfCharge(chargeOf(row)) ?? []), missingBelowMs: 0, callsInFlight: flying?.flying === true };
    });
  }

  /** The newest record of each start of a worker that is on the bus now. */
  private async newestPublished(): Promise<ReadonlyMap<string, number>> {
    const newest = new Map<string, number>();
    const { broker, gate, clock, onFault } = this.parts;
    const following = broker.follow(TOPIC.audit, {
      from: { sinceMs: clock.now() - LOOKED_BACK_MS },
      onBatch: (records) => {
        for (const record of records) note(newest, { key: record.key, body: gate.open(record)?.body });
      },
      onFault,
    });
    await following.caughtUp().finally(() => following.close());
    return newest;
  }

  private async areStored(newest: ReadonlyMap<string, number>): Promise<boolean> {
    const [row] = await this.parts.dataSource.query<{ missing: string }[]>(NOT_STORED, [[...newest.keys()], [...newest.values()]]);
    return row?.missing === '0';
  }
}

function note(newest: Map<string, number>, { key, body }: { readonly key: string | null; readonly body: Uint8Array | undefined }): void {
  if (body === undefined) return;
  try {
    const { incarnation, localSeq } = decodeRecord(body);
    if (incarnation === key) newest.set(incarnation, Math.max(localSeq, newest.get(incarnation) ?? 0));
  } catch (caught) {
    if (!isFault(caught, 'wire.undecodable')) throw caught; // set aside by the consumer, and counted by nobody
  }
}

function chargeOf(row: ChargeRow): StoredCharge {
  return { key: row.key, windowStartMs: branded<EpochMs>(Number(row.start_ms)), windowEndMs: branded<EpochMs>(Number(row.end_ms)), units: row.units };
}

/** The least UUIDv7 of an instant: decisions are named by when they were made. */
function firstIdAt(atMs: number): string {
  const time = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

const OPEN_CHARGES = `
  SELECT c->>'key' AS key, c->>'windowStartMs' AS start_ms, c->>'windowEndMs' AS end_ms, sum((c->>'units')::numeric)::text AS units
  FROM decisions, jsonb_array_elements(charges) AS c
  WHERE organisation_id = $1 AND (charged_until > $2::timestamptz OR decision_id >= $3::uuid) AND charges_released IS NOT TRUE
    AND (c->>'windowEndMs')::numeric > $4::numeric
  GROUP BY 1, 2, 3`;

const CALLS_IN_FLIGHT = `
  SELECT EXISTS (SELECT FROM decisions WHERE organisation_id = $1 AND decision_id >= $2::uuid AND effect = 'allow' AND outcome IS NULL) AS flying`;

const NOT_STORED = `
  SELECT count(*) AS missing FROM unnest($1::uuid[], $2::bigint[]) AS newest (incarnation, seq)
  WHERE NOT EXISTS (SELECT FROM audit_incarnations AS known WHERE known.incarnation = newest.incarnation AND known.stored @> newest.seq)`;
