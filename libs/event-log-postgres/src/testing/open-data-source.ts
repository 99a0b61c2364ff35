import { testDatabase } from '@sallyport/test-support';
import { DataSource } from 'typeorm';

import { eventLogMigrations } from '../migrations/event-log-migrations.js';

/** A database of a test's own with the log's tables. */
export interface OpenedDataSource {
  readonly url: string;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/** Makes a fresh database, runs the log's migrations, and connects with a small pool. */
export async function openDataSource(): Promise<OpenedDataSource> {
  const { url, drop } = await testDatabase();
  const dataSource = new DataSource({ type: 'postgres', url, migrations: eventLogMigrations, installExtensions: false, poolSize: 10 });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return {
    url,
    dataSource,
    close: async () => {
      await dataSource.destroy();
      await drop();
    },
  };
}
