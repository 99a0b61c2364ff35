import { SERVING_ROLE } from '@sallyport/event-log-postgres';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { anOrganisation, type TestOrganisation } from '../../testing/an-organisation.js';
import { busyOrganisation } from '../../testing/busy-organisation.js';
import { aStreamOfOne } from '../../testing/a-stream-of-one.js';
import { DEPLOYMENT_TABLES, dumpOf, tablesOf, withDatabase } from '../../testing/tables-of.js';
import { ToolShelf } from '../../testing/tool-shelf.js';
import { SIGN_IN_ROLE, SIGN_IN_TABLES } from './sign-in-role.js';

/** Every table found in the catalog, two organisations, all four verbs, as the serving role. */
describe('row level security', () => {
  let world: TestControlPlane;
  let ours: TestOrganisation;
  let theirs: TestOrganisation;
  let tables: readonly string[];
  beforeAll(async () => {
    const shelf = new ToolShelf();
    world = await aControlPlane({ inspect: shelf.inspect, stream: await aStreamOfOne() });
    ours = await anOrganisation(world, 'Ours');
    theirs = await anOrganisation(world, 'Theirs');
    for (const organisation of [ours, theirs]) await busyOrganisation(world, organisation, shelf);
    tables = await withDatabase(world.database.url, tablesOf);
  });
  afterAll(() => world.close());

  const query = <Row extends pg.QueryResultRow>(sql: string) => withDatabase(world.database.url, async (client) => (await client.query<Row>(sql)).rows);
  /** Runs statements as the serving role, in a transaction of an organisation, and leaves nothing behind. */
  const serving = (organisation: string | undefined, work: (client: pg.Client) => Promise<void>) =>
    withDatabase(world.database.url, async (client) => {
      await client.query('BEGIN');
      await client.query(`SET LOCAL ROLE ${SERVING_ROLE}`);
      if (organisation !== undefined) await client.query("SELECT set_config('app.organisation', $1, true)", [organisation]);
      await work(client);
      await client.query('ROLLBACK');
    });
  /** How many rows a statement reached; `refused` when it was not allowed. A savepoint keeps the transaction usable. */
  const reached = async (client: pg.Client, sql: string): Promise<number | 'refused'> => {
    await client.query('SAVEPOINT s');
    try {
      const { rowCount } = await client.query(sql);
      return rowCount ?? 0;
    } catch (caught) {
      expect(String(caught)).toMatch(/permission denied|row-level security/);
      return 'refused';
    } finally {
      await client.query('ROLLBACK TO SAVEPOINT s');
    }
  };

  it('is on and forced for every table, with the organisation first in its key', async () => {
    const rows = await query<{ name: string }>(`
      SELECT c.relname AS name FROM pg_class c
      JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      WHERE c.relrowsecurity AND c.relforcerowsecurity AND a.attname = 'organisation_id' ORDER BY 1`);
    expect(rows.map((row) => row.name)).toEqual(tables);
  });

  it('has rows of both organisations to hold apart in every table', async () => {
    for (const { id } of [ours, theirs]) {
      const dump = await withDatabase(world.database.url, (client) => dumpOf(client, tables, `organisation_id = '${id}'`));
      expect(Object.entries(dump).filter(([, rows]) => rows.length === 0).map(([table]) => table)).toEqual([]);
    }
  });

  it('keeps the serving role from owning, creating, and stepping around it', async () => {
    for (const role of [SERVING_ROLE, SIGN_IN_ROLE]) {
      expect(await query(`SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = '${role}'`)).toEqual([
        { rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false, rolcreatedb: false },
      ]);
      expect(await query(`SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = '${role}'`)).toEqual([]);
    }
    expect(await query("SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prosecdef")).toEqual([]);
  });

  it('keeps the serving roles away from what is of the whole deployment', async () => {
    for (const table of DEPLOYMENT_TABLES) {
      for (const role of [SERVING_ROLE, SIGN_IN_ROLE]) {
        const granted = await query(`SELECT verb FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS verb WHERE has_table_privilege('${role}', '${table}', verb)`);
        expect(granted, `${role} ${table}`).toEqual([]);
      }
    }
  });

  it('shows and touches nothing of another organisation', async () => {
    await serving(ours.id, async (client) => {
      for (const table of tables) {
        const foreign = `organisation_id = '${theirs.id}'`;
        expect(await reached(client, `SELECT 1 FROM ${table} WHERE ${foreign}`), table).toBe(0);
        expect(await reached(client, `SELECT 1 FROM ${table} WHERE organisation_id = '${ours.id}'`), table).not.toBe(0);
        expect([0, 'refused'], table).toContain(await reached(client, `UPDATE ${table} SET organisation_id = organisation_id WHERE ${foreign}`));
        expect([0, 'refused'], table).toContain(await reached(client, `DELETE FROM ${table} WHERE ${foreign}`));
      }
    });
  });

  it('lets nothing be written into another organisation, nor moved there', async () => {
    const samples = await withDatabase(world.database.url, (client) => dumpOf(client, tables, `organisation_id = '${theirs.id}'`));
    await serving(ours.id, async (client) => {
      for (const table of tables) {
        const row = (samples[table]?.[0] ?? '{}').replaceAll("'", "''");
        expect(await reached(client, `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, '${row}')`), table).toBe('refused');
        expect(await reached(client, `UPDATE ${table} SET organisation_id = '${theirs.id}'`), table).toBe('refused');
      }
    });
  });

  it('shows nothing where no organisation was entered, and none is a name', async () => {
    for (const organisation of [undefined, '']) {
      await serving(organisation, async (client) => {
        for (const table of tables) expect(await reached(client, `SELECT 1 FROM ${table}`), table).toBe(0);
      });
    }
  });

  it('leaves nothing entered on a connection that was used before', async () => {
    await withDatabase(world.database.url, async (client) => {
      for (const end of ['COMMIT', 'ROLLBACK']) {
        await client.query('BEGIN');
        await client.query(`SELECT set_config('role', '${SERVING_ROLE}', true), set_config('app.organisation', '${ours.id}', true)`);
        await client.query(end);
        await client.query('BEGIN');
        await client.query(`SET LOCAL ROLE ${SERVING_ROLE}`);
        for (const table of tables) expect((await client.query(`SELECT 1 FROM ${table}`)).rowCount, table).toBe(0);
        await client.query('ROLLBACK');
      }
    });
  });

  it('lets the sign-in role read its three tables and write none', async () => {
    await withDatabase(world.database.url, async (client) => {
      await client.query('BEGIN');
      await client.query(`SET LOCAL ROLE ${SIGN_IN_ROLE}`);
      for (const table of tables) {
        const mayRead = SIGN_IN_TABLES.some((name) => name === table);
        const read = await reached(client, `SELECT 1 FROM ${table}`);
        expect(read === 'refused', table).toBe(!mayRead);
        expect(await reached(client, `DELETE FROM ${table}`), table).toBe('refused');
      }
      await client.query('ROLLBACK');
    });
  });
});
