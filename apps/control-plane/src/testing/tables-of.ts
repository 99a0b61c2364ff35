import pg from 'pg';

/** A look at the database past every policy, as its superuser. */
export async function withDatabase<Value>(url: string, work: (client: pg.Client) => Promise<Value>): Promise<Value> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Tables of the deployment as a whole, which hold nothing of an organisation and are granted to no role. */
export const DEPLOYMENT_TABLES = ['audit_incarnations', 'audit_deployment', 'audit_keys', 'audit_head_lists', 'sink_fleets'] as const;

/** Every table of ours but those of the deployment, found in the catalog; TypeORM's own list of migrations is left out. */
export async function tablesOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1",
  );
  const leftOut: readonly string[] = ['migrations', ...DEPLOYMENT_TABLES];
  return rows.map((row) => row.name).filter((name) => !leftOut.includes(name));
}

/** Every row of the tables, as text that is equal when the rows are. */
export async function dumpOf(client: pg.Client, tables: readonly string[], where = 'true'): Promise<Readonly<Record<string, readonly string[]>>> {
  const dump: Record<string, readonly string[]> = {};
  for (const table of tables) {
    const { rows } = await client.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${table} t WHERE ${where} ORDER BY 1`);
    dump[table] = rows.map((row) => row.row);
  }
  return dump;
}
