import type { DomainEvent, ObjectRef } from '@sallyport/domain-events';
import { type AppendRequest, objectKey } from '@sallyport/event-log';
import { branded, type EpochMs, type OrganisationId, type Revision } from '@sallyport/kernel';
import { eventFromJson, eventToJson } from '@sallyport/wire';

import type { Queries } from './queries.js';

/** The channel that tells followers an organisation has moved; the payload is its id. */
export const EVENTS_CHANNEL = 'sallyport_events';

interface BodyRow {
  readonly body: unknown;
}

interface RevisionRow {
  /** PostgreSQL's bigint comes as text. */
  readonly revision: string;
}

/** Takes the organisation's head row, creating it for a first event, and answers where it stands. Held until the transaction ends. */
export async function lockHead(queries: Queries, organisationId: OrganisationId): Promise<Revision> {
  const select = 'SELECT revision FROM organisation_heads WHERE organisation_id = $1 FOR UPDATE';
  let [row] = await queries.query<RevisionRow[]>(select, [organisationId]);
  if (row === undefined) {
    await queries.query('INSERT INTO organisation_heads VALUES ($1, 0, now()) ON CONFLICT DO NOTHING', [organisationId]);
    [row] = await queries.query<RevisionRow[]>(select, [organisationId]);
  }
  return revisionOf(row);
}

/** Newest versions of every object an append names or writes, by `objectKey`. */
export async function objectVersions(queries: Queries, request: AppendRequest): Promise<ReadonlyMap<string, number>> {
  const objects = [...request.expected.map((one) => one.object), ...request.events.map((draft) => draft.object)];
  const rows = await queries.query<{ kind: ObjectRef['kind']; id: string; version: number }[]>(
    `SELECT object_kind AS kind, object_id AS id, max(object_version) AS version FROM events
     WHERE organisation_id = $1 AND (object_kind, object_id) IN (SELECT * FROM unnest($2::text[], $3::text[]))
     GROUP BY object_kind, object_id`,
    [request.organisationId, objects.map((object) => object.kind), objects.map((object) => object.id)],
  );
  return new Map(rows.map((row) => [objectKey(row), row.version]));
}

/** Writes events in one statement. */
export async function insertEvents(queries: Queries, events: readonly DomainEvent[]): Promise<void> {
  const rows = events.map((event) => ({
    organisation_id: event.organisationId,
    revision: event.revision,
    object_kind: event.object.kind,
    object_id: event.object.id,
    object_version: event.objectVersion,
    event_id: event.eventId,
    occurred_at: event.occurredAt,
    type: event.fact.type,
    type_version: event.fact.version,
    body: eventToJson(event),
  }));
  await queries.query('INSERT INTO events SELECT * FROM jsonb_populate_recordset(NULL::events, $1::jsonb)', [JSON.stringify(rows)]);
}

/** Moves the head to `revision` and tells followers, who hear it when the transaction commits. */
export async function moveHead(queries: Queries, organisationId: OrganisationId, revision: Revision): Promise<void> {
  await queries.query(
    `WITH moved AS (UPDATE organisation_heads SET revision = $2, updated_at = now() WHERE organisation_id = $1 RETURNING organisation_id)
     SELECT pg_notify('${EVENTS_CHANNEL}', organisation_id::text) FROM moved`,
    [organisationId, revision],
  );
}

/** Events after a revision, oldest first. */
export async function selectPage(
  queries: Queries,
  organisationId: OrganisationId,
  page: { readonly after: Revision; readonly limit: number },
): Promise<readonly DomainEvent[]> {
  const rows = await queries.query<BodyRow[]>(
    'SELECT body FROM events WHERE organisation_id = $1 AND revision > $2 ORDER BY revision LIMIT $3',
    [organisationId, page.after, page.limit],
  );
  return rows.map(eventOf);
}

/** One object's stream, oldest first. */
export async function selectObject(queries: Queries, organisationId: OrganisationId, object: ObjectRef): Promise<readonly DomainEvent[]> {
  const rows = await queries.query<BodyRow[]>(
    'SELECT body FROM events WHERE organisation_id = $1 AND object_kind = $2 AND object_id = $3 ORDER BY object_version',
    [organisationId, object.kind, object.id],
  );
  return rows.map(eventOf);
}

/** The organisation's newest revision; 0 when it has none. */
export async function selectHead(queries: Queries, organisationId: OrganisationId): Promise<Revision> {
  const [row] = await queries.query<RevisionRow[]>('SELECT revision FROM organisation_heads WHERE organisation_id = $1', [organisationId]);
  return revisionOf(row);
}

/** Newest revisions of every organisation the transaction may see. */
export async function selectHeads(queries: Queries): Promise<ReadonlyMap<OrganisationId, Revision>> {
  const rows = await queries.query<(RevisionRow & { organisation_id: string })[]>(
    'SELECT organisation_id, revision FROM organisation_heads WHERE revision > 0',
    [],
  );
  return new Map(rows.map((row) => [branded<OrganisationId>(row.organisation_id), revisionOf(row)]));
}

/** The newest revision that had occurred at an instant; 0 when none had. */
export async function selectRevisionAt(queries: Queries, organisationId: OrganisationId, at: EpochMs): Promise<Revision> {
  const [row] = await queries.query<RevisionRow[]>(
    'SELECT COALESCE(max(revision), 0) AS revision FROM events WHERE organisation_id = $1 AND occurred_at <= $2::timestamptz',
    [organisationId, new Date(at).toISOString()],
  );
  return revisionOf(row);
}

function eventOf(row: BodyRow): DomainEvent {
  return eventFromJson(row.body);
}

function revisionOf(row: RevisionRow | undefined): Revision {
  return branded<Revision>(Number(row?.revision ?? 0));
}
