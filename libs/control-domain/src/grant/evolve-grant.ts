import type { DomainFact, GrantToken } from '@sallyport/domain-events';

import type { Grant, HeldToken } from './grant.js';

/** A grant nobody issued. */
export const noGrant: Grant = { status: 'absent' };

/** The grant after one more fact of its stream; facts of other kinds leave it as it is. */
export function evolveGrant(grant: Grant, fact: DomainFact): Grant {
  if (fact.type === 'grant.issued') {
    const { token, ...issued } = fact.data;
    return { status: 'active', ...issued, tokens: [{ ...token, validUntil: issued.expiresAt }], revocationReason: null };
  }
  if (grant.status === 'absent') return grant;
  switch (fact.type) {
    case 'grant.policy_attached':
      return { ...grant, policyId: fact.data.policyId };
    case 'grant.token_rotated':
      return { ...grant, tokens: rotated(grant, fact.data.token, fact.data.previousValidUntil) };
    case 'grant.revoked':
      return { ...grant, status: 'revoked', revocationReason: fact.data.reason };
    case 'grant.expired':
      return { ...grant, status: 'expired' };
    default:
      return grant;
  }
}

/** No token before the new one outlives `previousValidUntil`: a rotation without overlap ends them all. */
function rotated(grant: Exclude<Grant, { status: 'absent' }>, token: GrantToken, previousValidUntil: string): readonly HeldToken[] {
  const limitMs = Date.parse(previousValidUntil);
  const older = grant.tokens.map((held) => (Date.parse(held.validUntil) > limitMs ? { ...held, validUntil: previousValidUntil } : held));
  return [{ ...token, validUntil: grant.expiresAt }, ...older];
}
