import { encodeBase64 } from '@sallyport/audit-chain';

import type { KeptCheckpoint } from '../sign/checkpoint-store.js';

/** A signed head as GraphQL's `AuditCheckpoint`. */
export function checkpointToGraphql({ size, root, signedAt, keyId, note }: KeptCheckpoint) {
  return { size, root: encodeBase64(root), signedAt: new Date(signedAt), keyId, note };
}
