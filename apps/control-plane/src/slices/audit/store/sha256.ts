import { createHash } from 'node:crypto';

/** SHA-256 over the parts one after another, as `libs/audit-chain` and `libs/audit-event` ask for it. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
