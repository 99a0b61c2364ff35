import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '@sallyport/postgres-embedded';
import { startKafka } from '@sallyport/services-local';
import type { TestProject } from 'vitest/node';

import { openServiceDesk, type BroughtUp } from './service-desk.js';

/**
 * Brings up the services that a tier's tests share. PostgreSQL at once: `DATABASE_URL` where it is given, else one of our own.
 * The others when the first test asks for them at the desk, unless a variable names one that is there.
 */
export default async function bringUpServices(project: TestProject): Promise<() => Promise<void>> {
  const desk = await openServiceDesk({ KAFKA_BROKERS: bringUpKafka });
  project.provide('serviceDesk', desk.url);
  const postgres = await bringUpPostgres();
  project.provide('postgresUrl', postgres.address);
  return async () => {
    await Promise.all([desk.close(), postgres.stop()]);
  };
}

async function bringUpPostgres(): Promise<BroughtUp> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) return { address: given, stop: async () => undefined };
  const dataFolder = newFolder('postgres');
  chmodSync(dataFolder, 0o755);
  const postgres = await startPostgres({ dataFolder, database: 'postgres', durable: false, maxConnections: 200 });
  return {
    address: postgres.url,
    stop: async () => {
      await postgres.stop();
      rmSync(dataFolder, { recursive: true, force: true });
      if (postgres.movedTo !== undefined) rmSync(postgres.movedTo, { recursive: true, force: true });
    },
  };
}

async function bringUpKafka(): Promise<BroughtUp> {
  const dataFolder = newFolder('kafka');
  const kafka = await startKafka({ dataFolder });
  return {
    address: kafka.brokers,
    stop: async () => {
      await kafka.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

function newFolder(service: string): string {
  return mkdtempSync(join(tmpdir(), `sallyport-test-${service}-`));
}
