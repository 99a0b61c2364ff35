import type { EpochMs } from '@sallyport/kernel';

import type { RevealRow } from './read/reveal-row.entity.js';

/** A reveal's row as GraphQL's `Reveal`, as it stands at `now`. */
export function revealToGraphql(row: RevealRow, now: EpochMs) {
  const { revealId, decisionId, reason, requestedBy, requestedAt, confirmBy, confirmedBy, confirmedAt, readBy, reads, readings, refusedBy, refusalReason, revision } = row;
  return { id: revealId, status: statusOf(row, now), decisionId, reason, requestedBy, requestedAt, confirmBy, confirmedBy, confirmedAt, readBy, reads, readings, refusedBy, refusalReason, revision };
}

/** A time that has passed ends it, whether or not the sweep has recorded that. */
function statusOf({ status, openUntil, reads, readings }: RevealRow, now: EpochMs): RevealRow['status'] | 'used_up' {
  if (reads !== null && readings >= reads && status !== 'refused') return 'used_up';
  return openUntil !== null && openUntil.getTime() <= now ? 'expired' : status;
}
