import { DataSource } from 'typeorm';
import { eventLogMigrations } from '@sallyport/event-log-postgres';

import type { Slice } from './slice.js';
import { platformMigrations } from './migrations/platform-migrations.js';

const POOL_CONNECTIONS = 12;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Connects and brings the schema up to date: the event log's tables, the platform's, then each slice's.
 *
 * @throws the driver's error when the database cannot be reached or a migration fails; nothing is left open then.
 */
export async function openDataSource(databaseUrl: string, slices: readonly Slice[]): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    entities: slices.flatMap((slice) => [...slice.entities]),
    migrations: [...eventLogMigrations, ...platformMigrations, ...slices.flatMap((slice) => slice.migrations)],
    migrationsTransactionMode: 'all',
    poolSize: POOL_CONNECTIONS,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: { statement_timeout: STATEMENT_TIMEOUT_MS, application_name: 'sallyport control plane' },
  });
  await dataSource.initialize();
  try {
    await dataSource.runMigrations();
  } catch (caught) {
    await dataSource.destroy();
    throw caught;
  }
  return dataSource;
}
