import type { GrantExpired, GrantIssued, GrantPolicyAttached, GrantRevoked, GrantTokenRotated } from '@sallyport/domain-events';
import { ok, refuse, type EpochMs, type Result } from '@sallyport/kernel';

import { isFreeText } from '../free-text.js';
import { labelProblem } from '../labels.js';
import {
  DEFAULT_GRANT_MS,
  MAX_GRANT_MS,
  MAX_OVERLAP_MS,
  MAX_REASON,
  type Grant,
  type GrantCommand,
  type GrantEnd,
  type GrantRefusal,
} from './grant.js';

/** The facts a decision about a grant can produce. */
export type GrantFact = GrantIssued | GrantPolicyAttached | GrantTokenRotated | GrantRevoked | GrantExpired;

type Decided = Result<readonly GrantFact[], GrantRefusal>;
type CommandOf<Type extends GrantCommand['type']> = Extract<GrantCommand, { readonly type: Type }>;
type IssuedGrant = Exclude<Grant, { readonly status: 'absent' }>;

/**
 * What a command means for a grant: the new facts, none where it is so already, or why it is refused.
 * A grant past its `expiresAt` counts as expired, whether that is recorded or not.
 */
export function decideGrant(command: GrantCommand, grant: Grant): Decided {
  if (command.type === 'issue') return issue(command, grant);
  if (grant.status === 'absent') return refuse({ code: 'grant.unknown', pointer: '/grant' });
  switch (command.type) {
    case 'rotate-token':
      return rotate(command, grant);
    case 'revoke':
      return revoke(command, grant);
    case 'attach-policy':
      return attach(command, grant);
    case 'expire':
      return ok(grant.status === 'active' && isOver(grant, command.now) ? [{ type: 'grant.expired', version: 1, data: { grantId: grant.grantId } }] : []);
  }
}

function issue(command: CommandOf<'issue'>, grant: Grant): Decided {
  const { grantId, identityId, serverId, policyId, labels, token } = command;
  if (grant.status !== 'absent') return refuse({ code: 'grant.exists', pointer: '' });
  const problem = labelProblem(labels);
  if (problem !== undefined) return refuse({ code: 'grant.label_invalid', pointer: problem });
  const expiresAt = expiry(command.end, command.now);
  if (expiresAt === undefined) return refuse({ code: 'grant.expiry_invalid', pointer: pointerOf(command.end) });
  return ok([{ type: 'grant.issued', version: 1, data: { grantId, identityId, serverId, policyId, labels, expiresAt, token } }]);
}

function rotate(command: CommandOf<'rotate-token'>, grant: IssuedGrant): Decided {
  const ended = endedRefusal(grant, command.now);
  if (ended !== undefined) return refuse(ended);
  const { token, overlapMs, now } = command;
  if (!(overlapMs >= 0 && overlapMs <= MAX_OVERLAP_MS)) return refuse({ code: 'grant.overlap_invalid', pointer: '/overlap' });
  if (grant.tokens.some((held) => held.secretHash === token.secretHash)) return refuse({ code: 'grant.token_unchanged', pointer: '' });
  const previousValidUntil = instant(Math.min(now + overlapMs, Date.parse(grant.expiresAt)));
  return ok([{ type: 'grant.token_rotated', version: 1, data: { grantId: grant.grantId, token, previousValidUntil } }]);
}

function revoke(command: CommandOf<'revoke'>, grant: IssuedGrant): Decided {
  if (grant.status === 'revoked') return refuse({ code: 'grant.already_revoked', pointer: '/grant' });
  if (!isFreeText(command.reason, MAX_REASON)) return refuse({ code: 'grant.reason_invalid', pointer: '/reason' });
  return ok([{ type: 'grant.revoked', version: 1, data: { grantId: grant.grantId, reason: command.reason } }]);
}

function attach(command: CommandOf<'attach-policy'>, grant: IssuedGrant): Decided {
  const ended = endedRefusal(grant, command.now);
  if (ended !== undefined) return refuse(ended);
  if (grant.policyId === command.policyId) return ok([]);
  return ok([{ type: 'grant.policy_attached', version: 1, data: { grantId: grant.grantId, policyId: command.policyId } }]);
}

function endedRefusal(grant: IssuedGrant, now: EpochMs): GrantRefusal | undefined {
  if (grant.status === 'revoked') return { code: 'grant.already_revoked', pointer: '/grant' };
  return grant.status === 'expired' || isOver(grant, now) ? { code: 'grant.expired', pointer: '/grant' } : undefined;
}

function isOver(grant: IssuedGrant, now: EpochMs): boolean {
  return Date.parse(grant.expiresAt) <= now;
}

function expiry(end: GrantEnd, now: EpochMs): string | undefined {
  const atMs = expiryMs(end, now);
  return atMs > now && atMs <= now + MAX_GRANT_MS ? instant(atMs) : undefined;
}

function expiryMs(end: GrantEnd, now: EpochMs): number {
  if (end === 'default') return now + DEFAULT_GRANT_MS;
  return 'at' in end ? end.at : now + end.afterMs;
}

function pointerOf(end: GrantEnd): string {
  return end !== 'default' && 'afterMs' in end ? '/expiresIn' : '/expiresAt';
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}
