import type { Delivery } from '@sallyport/sinks';

import { ForeignPath } from './line-file.js';

/** What an error of the file system comes to. Codes are told on, paths are not. */
export function fileFailure(error: unknown): Delivery {
  if (error instanceof ForeignPath) return { kind: 'paused', cause: 'config', reason: error.message, advice: 'Write the directory’s real path, and resume.' };
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]{1,20}$/.test(error.code) ? error.code : 'EIO';
  const advice = ADVICE[code];
  if (advice !== undefined) return { kind: 'paused', cause: 'config', reason: `the file cannot be written (${code})`, advice };
  return { kind: 'unavailable', reason: FULL.has(code) ? `the disk is full (${code})` : `the file could not be written (${code})` };
}

const RIGHTS = 'Let the control plane’s user write in the directory, and resume.';
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EROFS: RIGHTS,
  ENOENT: 'Make the directory, and resume.',
  ENOTDIR: 'Write the path of a directory, and resume.',
  ELOOP: 'Take away the symbolic link that has the file’s name, and resume.',
  ENXIO: 'Take away what has the file’s name and is no file, and resume.',
  EISDIR: 'Take away the directory that has the file’s name, and resume.',
  ENAMETOOLONG: 'Write a shorter path, and resume.',
};
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
