import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync, chownSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import pg from 'pg';

import { choosePlace, prepareDataFolder, type PostgresPlace } from './place.js';
import { postgresFault } from './postgres-faults.js';

/** A PostgreSQL of our own. `url` carries the password: it never goes into a log. */
export interface RunningPostgres {
  readonly url: string;
  readonly pid: number;
  /** Set when binaries and data could not stay in the data folder. */
  readonly movedTo?: string;
  /** Called once if the server ends without having been asked to. */
  onExit(listener: () => void): void;
  /** Ends sessions and stops the server; resolves when the process is gone. */
  stop(): Promise<void>;
}

/** What may differ from one use to another. `durable: false` skips fsync, for tests only. */
export interface PostgresOptions {
  readonly dataFolder: string;
  readonly database: string;
  readonly durable?: boolean;
  readonly maxConnections?: number;
  /** Where it listens; a free port unless said. For one that is started again where its clients expect it. */
  readonly port?: number;
}

const SUPERUSER = 'sallyport';
const START_TIMEOUT_MS = 30_000;

/**
 * Starts the PostgreSQL that npm installed, on loopback and a free port, with data under `dataFolder`; makes the data
 * on first use. A server that a killed owner left running on the same data is stopped first: the caller makes sure that
 * no living owner is there.
 *
 * @throws {Fault} `postgres.no_binaries`, `postgres.start_failed` (with the server's last lines).
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const place = choosePlace(options.dataFolder);
  const password = await ensureCluster(place, options);
  await stopLeftover(place.data);
  const port = options.port ?? (await freePort());
  const child = launch(place, port, options);
  const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}`;
  await untilAnswering(child, `${url}/postgres`);
  await ensureDatabase(`${url}/postgres`, options.database);
  return running(child, `${url}/${options.database}`, place);
}

async function ensureCluster(place: PostgresPlace, options: PostgresOptions): Promise<string> {
  const passwordFile = join(options.dataFolder, 'postgres.password');
  const complete = join(place.data, 'sallyport.complete');
  if (existsSync(complete)) return readFileSync(passwordFile, 'utf8').trim();
  rmSync(place.data, { recursive: true, force: true });
  prepareDataFolder(place);
  const password = randomBytes(24).toString('hex');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  initialise(place, password, options.durable ?? true);
  writeFileSync(complete, '');
  return password;
}

function initialise(place: PostgresPlace, password: string, durable: boolean): void {
  const scratch = mkdtempSync(join(tmpdir(), 'sallyport-initdb-'));
  const file = join(scratch, 'password');
  writeFileSync(file, password, { mode: 0o600 });
  if (place.user.uid !== undefined) {
    chownSync(scratch, place.user.uid, place.user.uid);
    chownSync(file, place.user.uid, place.user.uid);
  }
  const args = ['-D', place.data, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${file}`, '-E', 'UTF8', '--no-locale'];
  const done = spawnSync(join(place.binaries, 'bin', 'initdb'), durable ? args : [...args, '--no-sync'], {
    ...place.user,
    cwd: '/',
    env: environment(),
    encoding: 'utf8',
  });
  rmSync(scratch, { recursive: true, force: true });
  if (done.status !== 0) throw postgresFault.start_failed(`initdb failed: ${(done.stderr || String(done.error)).trim().slice(-600)}`);
}

function launch(place: PostgresPlace, port: number, options: PostgresOptions): ChildProcess {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    max_connections: String(options.maxConnections ?? 60),
    log_min_messages: 'warning',
    ...(options.durable === false ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(join(place.binaries, 'bin', 'postgres'), ['-D', place.data, ...flags], {
    ...place.user,
    cwd: '/',
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

async function untilAnswering(child: ChildProcess, url: string): Promise<void> {
  let lastLines = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastLines = (lastLines + text).slice(-600);
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw postgresFault.start_failed(`postgres ended: ${lastLines.trim()}`);
    if (await answers(url)) return;
    await pause(20);
  }
  child.kill('SIGKILL');
  throw postgresFault.start_failed(`postgres did not answer within ${START_TIMEOUT_MS / 1000} s: ${lastLines.trim()}`);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined); // told by what was asked on it
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false; // not up yet: the caller asks again until its deadline
  } finally {
    await client.end().catch(() => undefined); // the answer is known already
  }
}

async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

/** Stops a server that still runs on this data, recognised by its pid file and its working folder. */
async function stopLeftover(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!worksIn(pid, data)) return rmSync(pidFile, { force: true });
  process.kill(pid, 'SIGINT');
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (worksIn(pid, data)) {
    if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
    await pause(20);
  }
}

function worksIn(pid: number, folder: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false; // no such process, or not ours to look at
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw postgresFault.start_failed('no free port on loopback');
  return address.port;
}

function running(child: ChildProcess, url: string, place: PostgresPlace): RunningPostgres {
  let stopping = false;
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null) resolve();
    child.once('exit', () => resolve());
  });
  child.stderr?.resume();
  return {
    url,
    pid: child.pid ?? 0,
    ...(place.movedTo === undefined ? {} : { movedTo: place.movedTo }),
    onExit: (listener) => void gone.then(() => (stopping ? undefined : listener())),
    stop: async () => {
      stopping = true;
      child.kill('SIGINT');
      await gone;
    },
  };
}
