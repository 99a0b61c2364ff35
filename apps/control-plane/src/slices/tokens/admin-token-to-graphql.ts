import type { EpochMs } from '@sallyport/kernel';

import type { AdminTokenRow } from './read/admin-token-row.entity.js';

/** A token's row as GraphQL's `AdminToken`, as it stands at `now`. */
export function adminTokenToGraphql(row: AdminTokenRow, lastUsedAt: Date | null, now: EpochMs) {
  const { tokenId, publicId, memberId, role, operator, label, createdAt, expiresAt, revokedAt } = row;
  return { id: tokenId, publicId, memberId, role, operator, label, status: statusOf(row, now), createdAt, expiresAt, revokedAt, lastUsedAt };
}

function statusOf(row: AdminTokenRow, now: EpochMs): 'active' | 'expired' | 'revoked' {
  if (row.revokedAt !== null) return 'revoked';
  return row.expiresAt.getTime() <= now ? 'expired' : 'active';
}
