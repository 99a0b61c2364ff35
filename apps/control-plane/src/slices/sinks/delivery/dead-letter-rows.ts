import type { DeadLetter, DeadLetterPage, DeadLetterState, NewDeadLetter, SettledLetters, SinkKey } from '@sallyport/sinks';
import type { EntityManager } from 'typeorm';

interface DeadLetterRow {
  readonly seq: string;
  readonly event_id: string;
  readonly type: string;
  readonly reason: string;
  readonly at_ms: string;
  readonly state: DeadLetterState;
  readonly settled_at_ms: string | null;
  readonly settled_by: string | null;
}

const COLUMNS = 'seq, event_id, type, reason, at_ms, state, settled_at_ms, settled_by';
const OF_SINK = 'WHERE organisation_id = $1 AND sink_id = $2';

/** Keeps events that were refused for good; one that is there already waits again. */
export async function insertDeadLetters(rows: EntityManager, { organisationId, sinkId }: SinkKey, letters: readonly NewDeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  await rows.query(
    `INSERT INTO sink_dead_letters (organisation_id, sink_id, seq, event_id, type, reason, at_ms, state)
     SELECT $1, $2, seq, event_id, type, reason, at_ms, 'waiting'
     FROM unnest($3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::bigint[]) AS given (seq, event_id, type, reason, at_ms)
     ON CONFLICT (organisation_id, sink_id, seq) DO UPDATE
     SET reason = excluded.reason, at_ms = excluded.at_ms, state = 'waiting', settled_at_ms = NULL, settled_by = NULL`,
    [
      organisationId,
      sinkId,
      letters.map(({ seq }) => seq),
      letters.map(({ eventId }) => eventId),
      letters.map(({ type }) => type),
      // PostgreSQL's text has no NUL.
      letters.map(({ reason }) => reason.replaceAll('\0', '\ufffd')),
      letters.map(({ atMs }) => Math.round(atMs)),
    ],
  );
}

/** Notes what became of dead letters that wait. */
export async function settleDeadLetters(rows: EntityManager, { organisationId, sinkId }: SinkKey, { seqs, state, by, atMs }: SettledLetters): Promise<void> {
  await rows.query(`UPDATE sink_dead_letters SET state = $4, settled_by = $5, settled_at_ms = $6 ${OF_SINK} AND seq = ANY($3::bigint[]) AND state = 'waiting'`, [
    organisationId,
    sinkId,
    seqs,
    state,
    by,
    Math.round(atMs),
  ]);
}

/** A page of dead letters, in order of `seq`. */
export async function selectDeadLetters(rows: EntityManager, { organisationId, sinkId }: SinkKey, { state, afterSeq, limit }: DeadLetterPage): Promise<readonly DeadLetter[]> {
  const found = await rows.query<DeadLetterRow[]>(
    `SELECT ${COLUMNS} FROM sink_dead_letters ${OF_SINK} AND seq > $3 AND ($4::text IS NULL OR state = $4) ORDER BY seq LIMIT $5`,
    [organisationId, sinkId, afterSeq, state, limit],
  );
  return found.map(letterOf);
}

/** One dead letter. */
export async function selectDeadLetter(rows: EntityManager, { organisationId, sinkId }: SinkKey, seq: number): Promise<DeadLetter | null> {
  const [row] = await rows.query<DeadLetterRow[]>(`SELECT ${COLUMNS} FROM sink_dead_letters ${OF_SINK} AND seq = $3`, [organisationId, sinkId, seq]);
  return row === undefined ? null : letterOf(row);
}

/** How many dead letters wait. */
export async function countWaiting(rows: EntityManager, { organisationId, sinkId }: SinkKey): Promise<number> {
  const [row] = await rows.query<{ waiting: string }[]>(`SELECT count(*) AS waiting FROM sink_dead_letters ${OF_SINK} AND state = 'waiting'`, [organisationId, sinkId]);
  return Number(row?.waiting ?? 0);
}

function letterOf(row: DeadLetterRow): DeadLetter {
  return {
    seq: Number(row.seq),
    eventId: row.event_id,
    type: row.type,
    reason: row.reason,
    atMs: Number(row.at_ms),
    state: row.state,
    settledAtMs: row.settled_at_ms === null ? null : Number(row.settled_at_ms),
    settledBy: row.settled_by,
  };
}
