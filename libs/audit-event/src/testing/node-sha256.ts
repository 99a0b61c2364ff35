import { createHash } from 'node:crypto';

import type { Sha256 } from '../sha256.js';

/** SHA-256 of the platform. */
export const nodeSha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
