import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';

import { startPostgres, type RunningPostgres } from './start-postgres.js';

const folders: string[] = [];
const servers: RunningPostgres[] = [];

async function start(dataFolder: string): Promise<RunningPostgres> {
  const server = await startPostgres({ dataFolder, database: 'sallyport', durable: false });
  servers.push(server);
  return server;
}

function newFolder(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'));
  chmodSync(folder, mode);
  folders.push(folder);
  return folder;
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const answer = await client.query(statement);
  await client.end();
  return answer.rows;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    if (server.movedTo !== undefined) rmSync(server.movedTo, { recursive: true, force: true });
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('embedded PostgreSQL', () => {
  it('keeps data over a stop and a start', async () => {
    const folder = newFolder(0o755);
    const first = await start(folder);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    await first.stop();
    const second = await start(folder);
    expect(await ask(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('takes over data on which a killed owner left a server running', async () => {
    const folder = newFolder(0o755);
    const orphan = await start(folder);
    await ask(orphan.url, 'CREATE TABLE kept AS SELECT 8 AS value');
    const next = await start(folder);
    expect(next.pid).not.toBe(orphan.pid);
    expect(await ask(next.url, 'SELECT value FROM kept')).toEqual([{ value: 8 }]);
  });

  it('asks for its password', async () => {
    const server = await start(newFolder(0o755));
    const guess = new URL(server.url);
    guess.password = 'guess';
    await expect(ask(guess.href, 'SELECT 1')).rejects.toThrow(/password/);
  });

  it.runIf(process.getuid?.() === 0)('moves to its own folder where nobody may enter, and finds it again', async () => {
    const folder = newFolder(0o700);
    const first = await start(folder);
    expect(first.movedTo).toMatch(/^\/var\/lib\/sallyport\/[0-9a-f-]{36}$/);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 9 AS value');
    await first.stop();
    expect(existsSync(join(folder, 'postgres'))).toBe(false);
    const second = await start(folder);
    expect(second.movedTo).toBe(first.movedTo);
    expect(await ask(second.url, 'SELECT value FROM kept')).toEqual([{ value: 9 }]);
  });

  it.runIf(process.getuid?.() === 0)('never runs as root [start/never-root]', async () => {
    const server = await start(newFolder(0o755));
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65534\t/m);
  });
});
