import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { ServiceConfig } from './config/service-config.js';
import { startFault } from './start-faults.js';

/** Where a root key comes from; see `ServiceConfig`. */
export type RootKeySource = Pick<ServiceConfig, 'rootKey' | 'rootKeyFile' | 'dataFolder'>;

/**
 * The root key: from the environment, from the file it names, or from `root.key` in the data folder, made on first use.
 *
 * @param parse Reads the key's text; throws when it is none.
 * @throws {Fault} `start.bad_root_key`.
 */
export function openRootKey<Key>(source: RootKeySource, parse: (text: string) => Key): Key {
  if (source.rootKey !== null) return parsed(source.rootKey, 'SALLYPORT_ROOT_KEY', parse);
  const file = source.rootKeyFile ?? join(source.dataFolder, 'root.key');
  if (source.rootKeyFile === null && !existsSync(file)) makeRootKey(file);
  return parsed(readKeyFile(file), file, parse);
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

function parsed<Key>(text: string, origin: string, parse: (text: string) => Key): Key {
  try {
    return parse(text);
  } catch (caught) {
    throw startFault.bad_root_key(`${origin} does not hold a root key: 32 bytes as 64 hexadecimal digits or base64.`, {}, caught);
  }
}
