import type { LeaseWish, SinkKey, SinkLease, SinkProgress } from '@sallyport/sinks';
import type { EntityManager } from 'typeorm';

/** What a write is held against. */
export interface KeptDelivery {
  readonly revision: number;
  readonly cursor: number;
  readonly fence: number;
}

const OF_SINK = 'WHERE organisation_id = $1 AND sink_id = $2';

/** Keeps a sink's first progress, where nothing is kept yet. Of a sink that was removed nothing is kept any more, however late its exporter asks. */
export async function insertDelivery(rows: EntityManager, { organisationId, sinkId }: SinkKey, fresh: SinkProgress): Promise<void> {
  await rows.query(
    `INSERT INTO sink_deliveries (organisation_id, sink_id, revision, cursor, progress)
     SELECT organisation_id, sink_id, $3, $4, $5 FROM sinks ${OF_SINK} ON CONFLICT DO NOTHING`,
    [organisationId, sinkId, fresh.revision, fresh.cursor, JSON.stringify(fresh)],
  );
}

/** What is kept of a sink; `null` for nothing. */
export async function selectProgress(rows: EntityManager, { organisationId, sinkId }: SinkKey): Promise<SinkProgress | null> {
  const [row] = await rows.query<{ progress: string }[]>(`SELECT progress FROM sink_deliveries ${OF_SINK}`, [organisationId, sinkId]);
  return row === undefined ? null : (JSON.parse(row.progress) as SinkProgress);
}

/** Takes a sink's row for writing until the transaction ends. */
export async function lockDelivery(rows: EntityManager, { organisationId, sinkId }: SinkKey): Promise<KeptDelivery | null> {
  const [row] = await rows.query<{ revision: string; cursor: string; fence: string }[]>(
    `SELECT revision, cursor, fence FROM sink_deliveries ${OF_SINK} FOR UPDATE`,
    [organisationId, sinkId],
  );
  return row === undefined ? null : { revision: Number(row.revision), cursor: Number(row.cursor), fence: Number(row.fence) };
}

/** Writes a sink's progress, whole. */
export async function updateProgress(rows: EntityManager, { organisationId, sinkId }: SinkKey, progress: SinkProgress): Promise<void> {
  await rows.query(`UPDATE sink_deliveries SET revision = $3, cursor = $4, progress = $5 ${OF_SINK}`, [
    organisationId,
    sinkId,
    progress.revision,
    progress.cursor,
    JSON.stringify(progress),
  ]);
}

/** Takes a sink, or keeps it, by PostgreSQL's clock; `null` while another has it, or it is left to others. A new holder gets a higher number. */
export async function leaseDelivery(rows: EntityManager, { organisationId, sinkId }: SinkKey, asked: LeaseWish & { readonly holder: string }): Promise<SinkLease | null> {
  const { holder, ttlMs, patienceMs } = asked;
  const [taken] = await rows.query<[{ fence: string }[], number]>(
    `UPDATE sink_deliveries
     SET fence = CASE WHEN holder IS NOT DISTINCT FROM $3::text THEN fence ELSE fence + 1 END,
         holder = $3, held_until = clock_timestamp() + $4::double precision * interval '1 millisecond'
     ${OF_SINK} AND (holder = $3 OR held_until IS NULL OR held_until <= clock_timestamp() - $5::double precision * interval '1 millisecond')
     RETURNING fence`,
    [organisationId, sinkId, holder, ttlMs, patienceMs],
  );
  const [row] = taken;
  return row === undefined ? null : { organisationId, sinkId, holder, fence: Number(row.fence) };
}

/** Lets another take a sink, and notes since when it is free. Changes nothing where another has it. */
export async function releaseDelivery(rows: EntityManager, { organisationId, sinkId, holder, fence }: SinkLease): Promise<void> {
  await rows.query(`UPDATE sink_deliveries SET holder = NULL, held_until = clock_timestamp() ${OF_SINK} AND holder = $3 AND fence = $4`, [organisationId, sinkId, holder, fence]);
}

/** Up to where every sink of an organisation has come; `null` where it has none that exports. */
export async function lowestCursor(rows: EntityManager, organisationId: string): Promise<number | null> {
  const [row] = await rows.query<{ lowest: string | null }[]>('SELECT min(cursor) AS lowest FROM sink_deliveries WHERE organisation_id = $1', [organisationId]);
  return row === undefined || row.lowest === null ? null : Number(row.lowest);
}
