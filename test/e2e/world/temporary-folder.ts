import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder under the system's temporary one. Mode 0755 lets root's PostgreSQL keep its data inside. */
export function temporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'));
  chmodSync(folder, mode);
  return folder;
}

/** Removes a world's folder, and the place PostgreSQL moved to when it could not stay in it. */
export function removeFolder(folder: string, dataFolder = join(folder, 'data')): void {
  const place = join(dataFolder, 'postgres.place');
  if (existsSync(place)) rmSync(join('/var/lib/sallyport', readFileSync(place, 'utf8').trim()), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
