import type { GrantToken, Labels } from '@sallyport/domain-events';
import type { EpochMs, GrantId, IdentityId, PolicyId, ServerId } from '@sallyport/kernel';

import type { CommandRefusal } from '../command-refusal.js';

const DAY_MS = 86_400_000;

/** How long a grant lasts when nothing is said, milliseconds. */
export const DEFAULT_GRANT_MS = 90 * DAY_MS;
/** How long a grant may last, milliseconds. */
export const MAX_GRANT_MS = 365 * DAY_MS;
/** How long an old token may stay honoured beside a new one, milliseconds. */
export const MAX_OVERLAP_MS = DAY_MS;
/** How long a reason may be, UTF-16 units. */
export const MAX_REASON = 1_000;

/** A token of a grant; `validUntil` is RFC 3339, the grant's expiry for its newest. */
export interface HeldToken extends GrantToken {
  readonly validUntil: string;
}

/** A grant as its events make it. `active` may have passed its `expiresAt`: the expiry is recorded some time later. */
export type Grant =
  | { readonly status: 'absent' }
  | {
      readonly status: 'active' | 'revoked' | 'expired';
      readonly grantId: GrantId;
      readonly identityId: IdentityId;
      readonly serverId: ServerId;
      readonly policyId: PolicyId;
      readonly labels: Labels;
      readonly expiresAt: string;
      /** Newest first; older ones may have ended. */
      readonly tokens: readonly HeldToken[];
      /** `null` unless revoked. */
      readonly revocationReason: string | null;
    };

/** When a grant ends: at an instant, after a time, or after `DEFAULT_GRANT_MS`. */
export type GrantEnd = { readonly at: EpochMs } | { readonly afterMs: number } | 'default';

/** What can be asked of a grant. `now` is the command's instant. */
export type GrantCommand =
  | {
      readonly type: 'issue';
      readonly grantId: GrantId;
      readonly identityId: IdentityId;
      readonly serverId: ServerId;
      readonly policyId: PolicyId;
      readonly labels: Labels;
      readonly end: GrantEnd;
      readonly token: GrantToken;
      readonly now: EpochMs;
    }
  | { readonly type: 'rotate-token'; readonly token: GrantToken; readonly overlapMs: number; readonly now: EpochMs }
  | { readonly type: 'revoke'; readonly reason: string }
  | { readonly type: 'attach-policy'; readonly policyId: PolicyId; readonly now: EpochMs }
  | { readonly type: 'expire'; readonly now: EpochMs };

/** Why a grant's command can be refused. */
export type GrantRefusalCode =
  | 'grant.unknown'
  | 'grant.exists'
  | 'grant.label_invalid'
  | 'grant.expiry_invalid'
  | 'grant.overlap_invalid'
  | 'grant.reason_invalid'
  | 'grant.token_unchanged'
  | 'grant.already_revoked'
  | 'grant.expired';

/** One refusal of a grant's command. */
export type GrantRefusal = CommandRefusal<GrantRefusalCode>;
