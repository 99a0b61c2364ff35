import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';

import { installedBinaries } from './binaries.js';

/** Whom PostgreSQL runs as: it refuses root, so root lends it the uid and gid of `nobody`. Empty for everyone else. */
export interface PostgresUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** Where PostgreSQL's binaries and data are, and whom it runs as. `movedTo` is set when they could not stay in the data folder. */
export interface PostgresPlace {
  readonly binaries: string;
  readonly data: string;
  readonly user: PostgresUser;
  readonly movedTo?: string;
}

const NOBODY = 65_534;
const PRIVATE_ROOT = '/var/lib/sallyport';

/**
 * Chooses the place. Everyone but root uses the data folder. Root runs PostgreSQL as `nobody`, and where `nobody` may not
 * enter (a home folder of mode 0700) binaries and data live under `/var/lib/sallyport/<id>`, the id kept in the data folder.
 */
export function choosePlace(dataFolder: string): PostgresPlace {
  const binaries = installedBinaries();
  const data = resolve(dataFolder, 'postgres');
  if (process.getuid?.() !== 0) return { binaries, data, user: {} };
  const user = { uid: NOBODY, gid: NOBODY };
  if (canEnter(dirname(data)) && canRun(binaries, user) && !existsSync(join(dataFolder, 'postgres.place'))) {
    return { binaries, data, user };
  }
  const movedTo = join(PRIVATE_ROOT, placeId(dataFolder));
  mkdirSync(movedTo, { recursive: true, mode: 0o755 });
  return { binaries: copiedBinaries(binaries, movedTo), data: join(movedTo, 'data'), user, movedTo };
}

/** Makes the data directory's parent writable for the one who runs PostgreSQL, by making the directory itself. */
export function prepareDataFolder(place: PostgresPlace): void {
  mkdirSync(place.data, { recursive: true, mode: 0o700 });
  if (place.user.uid !== undefined) chownSync(place.data, place.user.uid, place.user.gid ?? place.user.uid);
}

function canEnter(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function canRun(binaries: string, user: PostgresUser): boolean {
  const bin = join(binaries, 'bin', 'postgres');
  if (spawnSync(bin, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status !== 0) return false;
  const catalogue = join(binaries, 'share', 'postgresql', 'postgres.bki');
  return spawnSync('/usr/bin/test', ['-r', catalogue], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}

function placeId(dataFolder: string): string {
  const file = join(dataFolder, 'postgres.place');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const id = randomUUID();
  writeFileSync(file, `${id}\n`, { mode: 0o600 });
  return id;
}

function copiedBinaries(from: string, place: string): string {
  const version = readFileSync(join(from, '..', 'package.json'), 'utf8').match(/"version": "([^"]+)"/)?.[1] ?? 'unknown';
  const to = join(place, `binaries-${version}`);
  if (existsSync(to)) return to;
  const half = `${to}.half`;
  rmSync(half, { recursive: true, force: true });
  cpSync(from, half, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', half]);
  renameSync(half, to);
  return to;
}
