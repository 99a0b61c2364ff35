import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A worker's name: the one it was given, else the one its data folder keeps, else a new one that the folder keeps from now on. */
export function openWorkerId(folder: string, given: string | null, random: () => string): string {
  if (given !== null) return given;
  const file = join(folder, 'worker-id');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const made = `worker-${random().slice(-12)}`;
  writeFileSync(file, `${made}\n`, { mode: 0o600 });
  return made;
}
