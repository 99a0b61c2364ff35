import { randomUUID } from 'node:crypto';

import { testDatabase } from '@sallyport/test-support';
import pg from 'pg';
import { DataSource } from 'typeorm';

import { eventLogMigrations } from '../migrations/event-log-migrations.js';

/** A database of a test's own with the log's tables. */
export interface OpenedDataSource {
  readonly url: string;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/**
 * Makes a fresh database, runs the log's migrations, and connects with a small pool.
 *
 * @param options `as: 'plain_owner'` connects as a new login that owns the database and may create roles, but is no superuser.
 */
export async function openDataSource(options: { readonly as: 'superuser' | 'plain_owner' } = { as: 'superuser' }): Promise<OpenedDataSource> {
  const database = await testDatabase();
  const owner = options.as === 'superuser' ? { url: database.url, drop: async () => undefined } : await plainOwner(database.url);
  const dataSource = new DataSource({ type: 'postgres', url: owner.url, migrations: eventLogMigrations, installExtensions: false, poolSize: 10 });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return {
    url: owner.url,
    dataSource,
    close: async () => {
      await dataSource.destroy();
      await owner.drop();
      await database.drop();
    },
  };
}

async function plainOwner(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `owner_${randomUUID().replaceAll('-', '')}`;
  const own = new URL(url);
  const database = own.pathname.slice(1);
  await runIn(url, `CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD '${name}'`);
  await runIn(url, `ALTER DATABASE ${database} OWNER TO ${name}; ALTER SCHEMA public OWNER TO ${name}`);
  await letBeMember(url, name);
  own.username = name;
  own.password = name;
  return { url: own.href, drop: () => runIn(url, `REASSIGN OWNED BY ${name} TO CURRENT_USER; DROP OWNED BY ${name}; DROP ROLE ${name}`) };
}

/** The roles exist already when another test was first; then an administrator lets the owner hand them on, as in production. */
async function letBeMember(url: string, name: string): Promise<void> {
  await runIn(url, `DO $$ DECLARE role text; BEGIN
    FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('sallyport_serving', 'sallyport_follower', 'sallyport_relay') LOOP
      EXECUTE format('GRANT %I TO ${name} WITH ADMIN OPTION', role);
    END LOOP;
  END $$`);
}

/** Runs a statement on a connection of its own. */
export async function runIn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
