import type { DomainEvent } from '@sallyport/domain-events';
import type { OutboxRow } from '@sallyport/event-log';
import { branded, Fault, isFault, ok, refuse, type OrganisationId, type Result, type Revision } from '@sallyport/kernel';
import { eventFromJson } from '@sallyport/wire';

import type { Queries } from './queries.js';

/** The channel that tells who waits that something was published. */
export const PUBLISHED_CHANNEL = 'sallyport_published';

/** Events read for one batch at most, and how large they may be together as stored; one that is larger comes alone. */
const BATCH_EVENTS = 500;
const BATCH_BYTES = 4_000_000;
const TRIM_ROWS = 10_000;

interface PositionRow {
  /** PostgreSQL's bigint comes as text. */
  readonly position: string | null;
}

interface ReadRow {
  readonly position: string;
  readonly organisation_id: string;
  readonly revision: string;
  readonly body: unknown;
}

/** Notes events for the relay, in the transaction that appends them. */
export async function insertOutboxRows(queries: Queries, events: readonly DomainEvent[]): Promise<void> {
  await queries.query('INSERT INTO outbox (organisation_id, revision) SELECT * FROM unnest($1::uuid[], $2::bigint[])', [
    events.map((event) => event.organisationId),
    events.map((event) => event.revision),
  ]);
}

/** Notes every event that is committed and not yet noted: those of a writer that wrote no rows, as where no relay ran. */
export async function insertMissingRows(queries: Queries): Promise<void> {
  await queries.query(
    `INSERT INTO outbox (organisation_id, revision)
     SELECT e.organisation_id, e.revision
     FROM organisation_heads h
     CROSS JOIN LATERAL (
       SELECT COALESCE(max(o.revision), 0) AS revision FROM outbox o WHERE o.organisation_id = h.organisation_id AND o.position IS NOT NULL
     ) AS placed
     JOIN events e ON e.organisation_id = h.organisation_id AND e.revision > placed.revision
     WHERE h.revision > placed.revision
     ON CONFLICT DO NOTHING`,
    [],
  );
}

/** What one placing did. */
export interface Placed {
  /** The newest position there is. */
  readonly newest: number;
  /** Rows left out because an event before them is not noted. */
  readonly leftOut: number;
}

/** Gives every noted event the next position, each organisation's in the order of revisions and none before the one it follows. */
export async function placeRows(queries: Queries): Promise<Placed> {
  const [row] = await queries.query<{ newest: string; left_out: string }[]>(
    `WITH last AS (SELECT COALESCE(max(position), 0) AS position FROM outbox),
     unplaced AS (
       SELECT organisation_id, revision, row_number() OVER (PARTITION BY organisation_id ORDER BY revision) AS nth FROM outbox WHERE position IS NULL
     ),
     placed AS (
       SELECT u.organisation_id, COALESCE((
         SELECT o.revision FROM outbox o WHERE o.organisation_id = u.organisation_id AND o.position IS NOT NULL ORDER BY o.revision DESC LIMIT 1
       ), 0) AS revision
       FROM (SELECT DISTINCT organisation_id FROM unplaced) AS u
     ),
     next AS (
       SELECT u.organisation_id, u.revision, row_number() OVER (ORDER BY u.organisation_id, u.revision) AS nth
       FROM unplaced u JOIN placed p USING (organisation_id) WHERE u.revision = p.revision + u.nth
     ),
     done AS (
       UPDATE outbox o SET position = last.position + next.nth FROM next, last
       WHERE o.organisation_id = next.organisation_id AND o.revision = next.revision RETURNING 1
     )
     SELECT last.position + (SELECT count(*) FROM done) AS newest, (SELECT count(*) FROM unplaced) - (SELECT count(*) FROM done) AS left_out FROM last`,
    [],
  );
  return { newest: Number(row?.newest ?? 0), leftOut: Number(row?.left_out ?? 0) };
}

/** Placed rows after a position, in order, one batch. */
export async function selectPlaced(queries: Queries, after: number): Promise<readonly OutboxRow[]> {
  const rows = await queries.query<ReadRow[]>(
    `SELECT position, organisation_id, revision, body FROM (
       SELECT o.position, o.organisation_id, o.revision, e.body,
         sum(pg_column_size(e.body)) OVER (ORDER BY o.position) - pg_column_size(e.body) AS bytes_before
       FROM (SELECT * FROM outbox WHERE position > $1 ORDER BY position LIMIT ${BATCH_EVENTS}) AS o JOIN events e USING (organisation_id, revision)
     ) AS batch WHERE bytes_before < ${BATCH_BYTES} ORDER BY position`,
    [after],
  );
  return rows.map((row) => ({
    position: Number(row.position),
    organisationId: branded<OrganisationId>(row.organisation_id),
    revision: branded<Revision>(Number(row.revision)),
    event: readEvent(row.body),
  }));
}

/** The newest position that was noted as published. */
export async function selectPublished(queries: Queries): Promise<number> {
  const [row] = await queries.query<PositionRow[]>('SELECT max(position) AS position FROM outbox WHERE published_at IS NOT NULL', []);
  return Number(row?.position ?? 0);
}

/** Notes everything up to a position as published; who waits hears it. */
export async function notePublished(queries: Queries, upTo: number): Promise<void> {
  await queries.query(
    `WITH done AS (
       UPDATE outbox SET published_at = clock_timestamp() WHERE published_at IS NULL AND position IS NOT NULL AND position <= $1 RETURNING 1
     ) SELECT pg_notify('${PUBLISHED_CHANNEL}', '') FROM done LIMIT 1`,
    [upTo],
  );
}

/** Forgets rows published before then that are not their organisation's newest; answers how many. */
export async function deletePublished(queries: Queries, olderThanMs: number): Promise<number> {
  const [row] = await queries.query<{ forgotten: string }[]>(
    `WITH old AS (
       SELECT o.organisation_id, o.revision FROM outbox o
       WHERE o.published_at < clock_timestamp() - make_interval(secs => $1::double precision / 1000)
         AND EXISTS (SELECT FROM outbox n WHERE n.organisation_id = o.organisation_id AND n.revision > o.revision AND n.published_at IS NOT NULL)
       LIMIT ${TRIM_ROWS}
     ),
     gone AS (DELETE FROM outbox o USING old WHERE o.organisation_id = old.organisation_id AND o.revision = old.revision RETURNING 1)
     SELECT count(*) AS forgotten FROM gone`,
    [olderThanMs],
  );
  return Number(row?.forgotten ?? 0);
}

/** Milliseconds since a revision was published, or fewer; `null` when it is not. In a transaction of the organisation. */
export async function selectPublishedMsAgo(queries: Queries, organisationId: OrganisationId, revision: Revision): Promise<number | null> {
  const [row] = await queries.query<{ ms: number }[]>(
    `SELECT GREATEST(0, extract(epoch FROM clock_timestamp() - published_at) * 1000)::double precision AS ms FROM outbox
     WHERE organisation_id = $1 AND revision >= $2 AND published_at IS NOT NULL ORDER BY revision LIMIT 1`,
    [organisationId, revision],
  );
  return row?.ms ?? null;
}

function readEvent(body: unknown): Result<DomainEvent, Fault> {
  try {
    return ok(eventFromJson(body));
  } catch (caught) {
    if (isFault(caught, 'wire.undecodable')) return refuse(caught);
    throw caught;
  }
}
