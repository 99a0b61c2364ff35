import { randomBytes, randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { lockFolder } from '@sallyport/journal-file';
import { isFault } from '@sallyport/kernel';
import { RootKey } from '@sallyport/secrets-aes';

import type { StartConfig } from './config/start-config.js';
import { diskFullFault } from './disk-full.js';
import { startFault } from './start-faults.js';

/** A data folder that this process owns until `release`. */
export interface DataFolder {
  readonly path: string;
  release(): void;
}

const OWNER_FILE = 'owner.json';

/** Root lends PostgreSQL to `nobody`, who must be able to pass through; what is secret in the folder has mode 0600. */
const FOLDER_MODE = process.getuid?.() === 0 ? 0o711 : 0o700;

/**
 * Makes the folder and becomes its only owner. An owner that died is succeeded.
 *
 * @throws {Fault} `start.data_unwritable`, `start.data_in_use`, `start.disk_full`.
 */
export function openDataFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
    accessSync(path, constants.W_OK | constants.X_OK);
    return { path, release: takeOwnership(path) };
  } catch (caught) {
    if (isFault(caught)) throw caught;
    const sentence = `The data folder ${path} cannot be written: give its owner write access, or choose another with --data DIR.`;
    throw diskFullFault(caught, path) ?? startFault.data_unwritable(sentence, {}, caught);
  }
}

function takeOwnership(folder: string): () => void {
  const locked = lockFolder(join(folder, OWNER_FILE));
  if (locked.ok) return locked.value;
  const holder = locked.refusal;
  if (holder.kind === 'owner') {
    throw startFault.data_in_use(`Process ${holder.pid} already runs Sallyport on ${folder}: stop it first, or choose another folder with --data DIR.`);
  }
  throw startFault.data_in_use(`Another Sallyport is starting on ${folder} at this moment: stop one of the two. If none is, remove ${holder.guard}.`);
}

/**
 * The root key: from the environment, from the file it names, or from `root.key` in the data folder, made on first use.
 *
 * @throws {Fault} `start.bad_root_key`.
 */
export function openRootKey(config: StartConfig): RootKey {
  if (config.rootKey !== null) return parseKey(config.rootKey, 'SALLYPORT_ROOT_KEY');
  const file = config.rootKeyFile ?? join(config.dataFolder, 'root.key');
  if (config.rootKeyFile === null && !existsSync(file)) makeRootKey(file);
  return parseKey(readKeyFile(file), file);
}

function makeRootKey(file: string): void {
  const half = join(dirname(file), `.root.key.${randomUUID()}`);
  writeFileSync(half, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
  renameSync(half, file);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (caught) {
    throw startFault.bad_root_key(`The root key file ${file} cannot be read: check its path and access.`, {}, caught);
  }
}

function parseKey(text: string, origin: string): RootKey {
  try {
    return RootKey.parse(text);
  } catch (caught) {
    throw startFault.bad_root_key(`${origin} does not hold a root key: 32 bytes as 64 hexadecimal digits or base64.`, {}, caught);
  }
}
