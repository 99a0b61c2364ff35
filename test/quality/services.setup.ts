import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '@sallyport/postgres-embedded';
import type { TestProject } from 'vitest/node';

/** Brings up the services that a tier's tests share: `DATABASE_URL` where it is given, else a PostgreSQL of our own. */
export default async function bringUpServices(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) {
    project.provide('postgresUrl', given);
    return async () => undefined;
  }
  const dataFolder = mkdtempSync(join(tmpdir(), 'sallyport-test-postgres-'));
  chmodSync(dataFolder, 0o755);
  const postgres = await startPostgres({ dataFolder, database: 'postgres', durable: false, maxConnections: 200 });
  project.provide('postgresUrl', postgres.url);
  return async () => {
    await postgres.stop();
    rmSync(dataFolder, { recursive: true, force: true });
    if (postgres.movedTo !== undefined) rmSync(postgres.movedTo, { recursive: true, force: true });
  };
}
