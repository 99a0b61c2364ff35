import type { DomainEvent, GrantIssued, GrantTokenRotated } from '@sallyport/domain-events';

import { sortedLabels } from '../../identities/read/sorted-labels.js';
import type { GrantRow, GrantTokenColumn } from './grant-row.entity.js';

/** The row after one more event of the grant; `undefined` before it was issued. The table and the past are both made by it. */
export function evolveGrantRow(row: GrantRow | undefined, event: DomainEvent): GrantRow | undefined {
  const { fact, revision } = event;
  if (fact.type === 'grant.issued') return issuedRow(fact.data, event);
  if (row === undefined) return undefined;
  switch (fact.type) {
    case 'grant.policy_attached':
      return { ...row, policyId: fact.data.policyId, revision };
    case 'grant.token_rotated':
      return { ...row, tokens: rotatedTokens(row, fact.data, event.occurredAt), revision };
    case 'grant.revoked':
      return { ...row, status: 'revoked', revokedAt: new Date(event.occurredAt), revocationReason: fact.data.reason, revision };
    case 'grant.expired':
      return { ...row, status: 'expired', revision };
    default:
      return row;
  }
}

function issuedRow(data: GrantIssued['data'], event: DomainEvent): GrantRow {
  const { grantId, identityId, serverId, policyId, labels, token, expiresAt } = data;
  return {
    organisationId: event.organisationId,
    grantId,
    identityId,
    serverId,
    policyId,
    labels: sortedLabels(labels),
    status: 'active',
    tokens: [{ tokenId: token.tokenId, publicId: token.publicId, validUntil: expiresAt }],
    issuedAt: new Date(event.occurredAt),
    expiresAt: new Date(expiresAt),
    revokedAt: null,
    revocationReason: null,
    issuedRevision: event.revision,
    revision: event.revision,
  };
}

/** Older tokens end with the overlap; those that had ended before the rotation are dropped. */
function rotatedTokens(row: GrantRow, data: GrantTokenRotated['data'], occurredAt: string): readonly GrantTokenColumn[] {
  const endMs = Date.parse(data.previousValidUntil);
  const older = row.tokens
    .filter((token) => Date.parse(token.validUntil) > Date.parse(occurredAt))
    .map((token) => (Date.parse(token.validUntil) > endMs ? { ...token, validUntil: data.previousValidUntil } : token));
  const { tokenId, publicId } = data.token;
  return [{ tokenId, publicId, validUntil: row.expiresAt.toISOString() }, ...older];
}
