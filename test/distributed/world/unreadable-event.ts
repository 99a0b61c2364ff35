import pg from 'pg';

/**
 * Appends an event that no process of this version can read, as a newer control plane beside this one would: to the log, its head
 * and the outbox, in one transaction. Answers its revision.
 */
export async function appendUnreadableEvent(databaseUrl: string, organisationId: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    const head = await client.query<{ revision: string }>('UPDATE organisation_heads SET revision = revision + 1 WHERE organisation_id = $1 RETURNING revision', [organisationId]);
    const revision = Number(head.rows[0]?.revision);
    await client.query(
      `INSERT INTO events (organisation_id, revision, object_kind, object_id, object_version, event_id, occurred_at, type, type_version, body)
       VALUES ($1::uuid, $2, 'organisation', ($1::uuid)::text, 1000, gen_random_uuid(), now(), 'organisation.teleported', 9, '{"fact": {"teleported": {}}}')`,
      [organisationId, revision],
    );
    await client.query('INSERT INTO outbox (organisation_id, revision) VALUES ($1, $2)', [organisationId, revision]);
    await client.query('COMMIT');
    return revision;
  } finally {
    await client.end();
  }
}
