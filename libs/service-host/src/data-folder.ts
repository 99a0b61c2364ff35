import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { lockFolder } from '@sallyport/folder-lock';
import { isFault } from '@sallyport/kernel';

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
  const taken = lockFolder(join(folder, OWNER_FILE));
  if (taken.ok) return taken.value;
  const holder = taken.refusal;
  if (holder.kind === 'owner') {
    throw startFault.data_in_use(`Process ${holder.pid} already runs Sallyport on ${folder}: stop it first, or choose another folder with --data DIR.`);
  }
  throw startFault.data_in_use(`Another Sallyport is starting on ${folder} at this moment: stop one of the two. If none is, remove ${holder.guard}.`);
}
