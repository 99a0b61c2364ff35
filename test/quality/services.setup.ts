import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '@sallyport/postgres-embedded';
import { startKafka } from '@sallyport/services-local';
import type { TestProject } from 'vitest/node';

import { openServiceDesk, type BroughtUp } from './service-desk.js';

/** What is done at once when the run ends without coming to its teardown, as by Ctrl-C. */
const lastResorts = new Set<() => void>();
process.on('exit', () => {
  for (const act of lastResorts) act();
});

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
  const folders = [dataFolder, ...(postgres.movedTo === undefined ? [] : [postgres.movedTo])];
  return leavingNothing({ address: postgres.url, stop: () => postgres.stop() }, folders, () => process.kill(postgres.pid, 'SIGQUIT'));
}

async function bringUpKafka(): Promise<BroughtUp> {
  const dataFolder = newFolder('kafka');
  const kafka = await startKafka({ dataFolder });
  return leavingNothing({ address: kafka.brokers, stop: () => kafka.stop() }, [dataFolder], () => undefined);
}

/** Sees that neither the process nor the folders of a service stay, however the run ends. `kill` ends at once a process that does not end by itself. */
function leavingNothing(service: BroughtUp, folders: readonly string[], kill: () => void): BroughtUp {
  const removeFolders = (): void => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const lastResort = (): void => {
    kill();
    removeFolders();
  };
  lastResorts.add(lastResort);
  return {
    address: service.address,
    stop: async () => {
      await service.stop();
      removeFolders();
      lastResorts.delete(lastResort);
    },
  };
}

function newFolder(service: string): string {
  return mkdtempSync(join(tmpdir(), `sallyport-test-${service}-`));
}
