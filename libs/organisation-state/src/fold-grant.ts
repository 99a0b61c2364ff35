import type { GrantIssued, GrantPolicyAttached, GrantToken, GrantTokenRotated } from '@sallyport/domain-events';

import type { GrantState, GrantTokenState } from './organisation-state.js';

/** A fact after which the grant goes on. */
export type LivingGrantFact = GrantIssued | GrantPolicyAttached | GrantTokenRotated;

/**
 * A grant after one more of its facts; `undefined` for a fact about one that was never issued, or has ended.
 *
 * @param atMs When the fact occurred: tokens whose overlap was over by then go.
 */
export function foldGrant(grant: GrantState | undefined, fact: LivingGrantFact, atMs: number): GrantState | undefined {
  if (fact.type === 'grant.issued') {
    const { grantId, identityId, serverId, policyId, labels, expiresAt, token } = fact.data;
    return { grantId, identityId, serverId, policyId, labels, expiresAtMs: Date.parse(expiresAt), tokens: [current(token)] };
  }
  if (grant === undefined) return undefined;
  if (fact.type === 'grant.policy_attached') return { ...grant, policyId: fact.data.policyId };
  const untilMs = Date.parse(fact.data.previousValidUntil);
  return { ...grant, tokens: [current(fact.data.token), ...previous(grant.tokens, untilMs, atMs)] };
}

/** The instants that a fact names, Unix milliseconds; one that is no RFC 3339 time is not a number. */
export function instantsOf(fact: LivingGrantFact): readonly number[] {
  if (fact.type === 'grant.issued') return [Date.parse(fact.data.expiresAt)];
  return fact.type === 'grant.token_rotated' ? [Date.parse(fact.data.previousValidUntil)] : [];
}

function current({ tokenId, publicId, secretHash }: GrantToken): GrantTokenState {
  return { tokenId, publicId, secretHash, validUntilMs: null };
}

/** No token before the new one outlives `untilMs`: a rotation without overlap ends them all. */
function previous(tokens: readonly GrantTokenState[], untilMs: number, atMs: number): readonly GrantTokenState[] {
  return tokens
    .map((token) => ({ ...token, validUntilMs: Math.min(token.validUntilMs ?? Infinity, untilMs) }))
    .filter((token) => token.validUntilMs > atMs);
}
