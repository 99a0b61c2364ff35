import type { Stamp } from '@sallyport/event-log';
import type { EpochMs } from '@sallyport/kernel';

import type { OrganisationSnapshot } from './organisation-snapshot.js';

/** A stamp older than this makes a worker deny for organisations in strict mode, milliseconds. */
export const STALE_AFTER_MS = 5_000;

/** A stamp further in the future than this means that the clocks cannot be trusted, milliseconds. */
export const SKEW_LIMIT_MS = 2_000;

/** Why a worker may not decide for an organisation now. */
export type FreshnessRefusal = 'policy_stale' | 'clock_skew';

/**
 * Whether this worker's state of an organisation is recent enough to decide by; `null` when it is.
 * The age is the stamp's own time against the worker's clock, never its arrival.
 */
export function freshnessOf(organisation: OrganisationSnapshot, stamp: Stamp | null, now: EpochMs): FreshnessRefusal | null {
  const { settings } = organisation;
  if (settings === null || organisation.refusal !== null || organisation.hasGap || stamp === null) return 'policy_stale';
  const ageMs = now - stamp.committedBefore;
  if (ageMs < -SKEW_LIMIT_MS) return 'clock_skew';
  if (ageMs <= STALE_AFTER_MS) return null;
  if (settings.freshnessMode === 'fail_static' && ageMs <= settings.failStaticMaxAgeSeconds * 1000) return null;
  return 'policy_stale';
}

/** How old a worker's knowledge is, whole milliseconds; `null` before the first stamp, and for one so far in the future that the clocks cannot be trusted. */
export function knowledgeAgeMs(stamp: Stamp | null, now: EpochMs): number | null {
  if (stamp === null) return null;
  const ageMs = now - stamp.committedBefore;
  return ageMs < -SKEW_LIMIT_MS ? null : Math.max(Math.round(ageMs), 0);
}
