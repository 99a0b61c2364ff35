import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { ok, refuse, type Result } from '@sallyport/kernel';

/** Who holds a folder. */
interface Owner {
  readonly pid: number;
  /** Boot and start time of that process, where the system tells; so that another process with the same pid is not taken for it. */
  readonly startedAt: string | null;
}

/** Who keeps a folder from being taken: a living process, or one that is replacing a dead owner at this moment, whose `guard` file says so. */
export type FolderHolder = { readonly kind: 'owner'; readonly pid: number } | { readonly kind: 'takeover'; readonly guard: string };

/**
 * Takes an existing folder for this process by a file in it; what comes back gives it up. The lock of a process that is gone is
 * taken over. It holds among the processes of one machine and one pid namespace.
 *
 * @param path The lock file, in the folder that it stands for.
 * @returns A refusal while the owner lives, this process included.
 */
export function lockFolder(path: string): Result<() => void, FolderHolder> {
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) } satisfies Owner);
  const holder = createdOnly(path, mine) ? null : takeOver(path, mine);
  if (holder !== null) return refuse(holder);
  return ok(() => {
    if (readIfThere(path) === mine) rmSync(path, { force: true });
  });
}

/** Only one process at a time may judge an owner dead and replace it, or two could both succeed. */
function takeOver(path: string, mine: string): FolderHolder | null {
  const guard = `${path}.takeover`;
  if (!createdOnly(guard, mine)) return { kind: 'takeover', guard };
  try {
    const owner = parseOwner(readIfThere(path));
    if (owner !== null && isAlive(owner)) return { kind: 'owner', pid: owner.pid };
    writeFileSync(`${path}.new`, mine, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return null;
  } finally {
    rmSync(guard, { force: true });
  }
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

/**
 * Boot id and start time in clock ticks since boot (`/proc/<pid>/stat`, field 22); `null` where there is no such file. A process
 * that ended and was not yet waited for has no start any more.
 */
function startOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const boot = readIfThere('/proc/sys/kernel/random/boot_id');
  if (stat === null || boot === null) return null;
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return afterName[0] === 'Z' ? `${boot.trim()}:ended` : `${boot.trim()}:${afterName[19] ?? ''}`;
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
