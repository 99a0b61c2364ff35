import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { journalFileFault } from './journal-file-faults.js';

/** Who holds a folder. */
interface Owner {
  readonly pid: number;
  /** Boot and start time of that process, where the system tells; so that another process with the same pid is not taken for it. */
  readonly startedAt: string | null;
}

/** The lock file's name in the folder. */
export const LOCK_FILE = 'journal.lock';

/**
 * Takes the folder for this process; what comes back gives it up. The lock of a process that is gone is taken over. It holds among
 * the processes of one machine and one pid namespace: a journal's folder belongs to one worker's own disk.
 *
 * @throws {Fault} `journal_file.in_use` while its owner lives, this process included.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) } satisfies Owner);
  if (!createdOnly(path, mine)) takeOver(path, mine);
  return () => {
    if (readIfThere(path) === mine) rmSync(path, { force: true });
  };
}

/** Only one process at a time may judge an owner dead and replace it, or two could both succeed. */
function takeOver(path: string, mine: string): void {
  const guard = `${path}.takeover`;
  if (!createdOnly(guard, mine)) {
    throw journalFileFault.in_use(`another process is taking over ${path}; if none is running, remove ${guard}`);
  }
  try {
    refuseLivingOwner(path);
    writeFileSync(`${path}.new`, mine);
    renameSync(`${path}.new`, path);
  } finally {
    rmSync(guard, { force: true });
  }
}

function refuseLivingOwner(path: string): void {
  const owner = parseOwner(readIfThere(path));
  if (owner !== null && isAlive(owner)) throw journalFileFault.in_use(`process ${owner.pid} uses the journal of ${path}`, { pid: owner.pid });
}

/** A lock that cannot be read lost its content with the machine's power: its owner is gone. */
function parseOwner(text: string | null): Owner | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return null;
    return { pid: value.pid, startedAt: 'startedAt' in value && typeof value.startedAt === 'string' ? value.startedAt : null };
  } catch {
    return null;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (caught) {
    const isOthers = caught instanceof Error && 'code' in caught && caught.code === 'EPERM';
    if (!isOthers) return false;
  }
  const startedAt = startOf(owner.pid);
  return startedAt === null || owner.startedAt === null || startedAt === owner.startedAt;
}

/** Boot id and start time in clock ticks since boot (`/proc/<pid>/stat`, field 22); `null` where there is no such file. */
function startOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const boot = readIfThere('/proc/sys/kernel/random/boot_id');
  if (stat === null || boot === null) return null;
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `${boot.trim()}:${afterName[19] ?? ''}`;
}

/** Creates a file whole or not at all: a reader never sees it empty. */
function createdOnly(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (caught) {
    if (caught instanceof Error && 'code' in caught && caught.code === 'EEXIST') return false;
    throw caught;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
