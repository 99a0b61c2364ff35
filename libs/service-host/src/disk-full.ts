import type { Fault } from '@sallyport/kernel';

import { startFault } from './start-faults.js';

/** Errno names of a file system, or of a quota on it, that has no room. */
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** What PostgreSQL and its initdb write, in English because they run with `LC_ALL=C`, where there is no room. */
const FULL_TEXT = /No space left on device|Disk quota exceeded/;

/**
 * The fault that says what to do when a start failed for want of room on the disk, here or in a child process; `undefined` when
 * it failed for another reason. Looks through the causes.
 */
export function diskFullFault(caught: unknown, dataFolder: string): Fault | undefined {
  if (!isDiskFull(caught)) return undefined;
  return startFault.disk_full(`There is no room left on the disk that holds ${dataFolder}: free some space, or choose a folder on another disk with --data DIR.`, {}, caught);
}

function isDiskFull(caught: unknown): boolean {
  if (!(caught instanceof Error)) return false;
  return ('code' in caught && FULL_CODES.has(caught.code)) || FULL_TEXT.test(caught.message) || isDiskFull(caught.cause);
}
