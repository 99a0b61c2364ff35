import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '@sallyport/postgres-embedded';

/**
 * A PostgreSQL of a measurement's own. `folder` is for what else it keeps; `stop` takes all of it away again, also where root's
 * PostgreSQL could not stay in the folder and moved out.
 *
 * @returns `{ url, folder, stop }`
 */
export async function scratchPostgres(name) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({ dataFolder: folder, database: 'bench' });
  return {
    url: postgres.url,
    folder,
    async stop() {
      await postgres.stop();
      removePlaces(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Takes away where root's PostgreSQL of this data folder moved to, if it did. */
export function removePlaces(dataFolder) {
  const place = join(dataFolder, 'postgres.place');
  if (existsSync(place)) rmSync(join('/var/lib/sallyport', readFileSync(place, 'utf8').trim()), { recursive: true, force: true });
}
