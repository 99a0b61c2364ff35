import type { AuditSeen, HoleSeen, ReplaySeen } from '@sallyport/test-support';
import pg from 'pg';

import { ask } from '../../e2e/world/ask.js';

/** The number of every record that is stored, with the start of the worker that wrote it. */
export function storedRecords(databaseUrl: string): Promise<readonly AuditSeen[]> {
  return withDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ incarnation: string; seq: string }>(STORED_RECORDS);
    return rows.map(({ incarnation, seq }) => ({ incarnation, sequence: Number(seq) }));
  });
}

/** Decisions say their numbers. Of notes the stream has events: as many as there are numbers that were stored and are no decision's. */
const STORED_RECORDS = `
  WITH decided AS (
    SELECT decided_incarnation AS incarnation, decided_seq AS seq FROM decisions WHERE decided_seq IS NOT NULL
    UNION ALL SELECT completed_incarnation, completed_seq FROM decisions WHERE completed_seq IS NOT NULL
  ), others AS (
    SELECT incarnation, generate_series(lower(part), upper(part) - 1) AS seq FROM audit_incarnations, unnest(stored) AS part
    EXCEPT SELECT incarnation, seq FROM decided
  ), numbered AS (
    SELECT incarnation, seq, row_number() OVER (PARTITION BY incarnation ORDER BY seq) AS n FROM others
  ), notes AS (
    SELECT line::jsonb #>> '{gateway,instance_id}' AS incarnation, count(*) AS events FROM audit_events WHERE type NOT LIKE 'call.%' GROUP BY 1
  )
  SELECT incarnation, seq FROM decided
  UNION ALL SELECT numbered.incarnation, seq FROM numbered JOIN notes ON notes.incarnation = numbered.incarnation::text AND n <= events`;

/** How many of a grant's calls are stored with their outcome. */
export function storedCalls(databaseUrl: string, grantId: string): Promise<number> {
  return withDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM decisions WHERE grant_id = $1 AND outcome IS NOT NULL', [grantId]);
    return Number(rows[0]?.count);
  });
}

/** The holes that the control plane itself tells of. */
export async function toldHoles(url: string, token: string): Promise<readonly HoleSeen[]> {
  const { data } = await ask({ url, token }, '{ auditHoles { incarnation fromSeq toSeq } }');
  const holes = (data?.['auditHoles'] ?? []) as readonly { readonly incarnation: string; readonly fromSeq: number; readonly toSeq: number }[];
  return holes.map(({ incarnation, fromSeq, toSeq }) => ({ incarnation, from: fromSeq, to: toSeq }));
}

/** Has the control plane empty and fill again every table that is made from events, and answers each before and after. */
export async function replayAll(databaseUrl: string, admin: { readonly url: string; readonly token: string }): Promise<readonly ReplaySeen[]> {
  const before = await digests(databaseUrl);
  const tables = await rebuild(admin);
  const after = await digests(databaseUrl);
  return tables.map((table) => ({ table, before: before.get(table) ?? 'no such table', after: after.get(table) ?? '' }));
}

async function rebuild(admin: { readonly url: string; readonly token: string }): Promise<readonly string[]> {
  const { data, errors } = await ask(admin, 'mutation { rebuildProjections { tables events } }');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return (data?.['rebuildProjections'] as { readonly tables: readonly string[] }).tables;
}

/** One text for all rows of each table, whatever their order. */
function digests(databaseUrl: string): Promise<ReadonlyMap<string, string>> {
  return withDatabase(databaseUrl, async (client) => {
    const tables = await client.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
    const found = new Map<string, string>();
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ digest: string | null }>(`SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) AS digest FROM ${client.escapeIdentifier(name)} t`);
      found.set(name, rows[0]?.digest ?? '');
    }
    return found;
  });
}

async function withDatabase<Answer>(databaseUrl: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
