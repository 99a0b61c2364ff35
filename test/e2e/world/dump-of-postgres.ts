import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';

const OUR_TABLES = "SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1";

/** Every row of every table of a running deployment's own PostgreSQL, as text: what a dump holds, with nothing compressed. */
export async function dumpOfPostgres(dataFolder: string): Promise<string> {
  const password = readFileSync(join(dataFolder, 'postgres.password'), 'utf8').trim();
  const port = Number(readFileSync(join(dataFolder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3]);
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'sallyport', password, database: 'sallyport' });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(OUR_TABLES);
    const lines: string[] = [];
    for (const { name } of tables) for (const { row } of (await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)).rows) lines.push(`${name} ${row}`);
    return lines.join('\n');
  } finally {
    await client.end();
  }
}
