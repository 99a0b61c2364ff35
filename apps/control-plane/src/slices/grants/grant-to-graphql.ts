import { identityToGraphql } from '../identities/identity-to-graphql.js';
import { labelsToGraphql } from '../identities/labels-input.js';
import type { IdentityRow } from '../identities/read/identity-row.entity.js';
import type { PageArgs, ReadPoint } from '../past/read-point.js';
import { policyToGraphql } from '../policies/policy-to-graphql.js';
import type { PolicyRow } from '../policies/read/policy-row.entity.js';
import { serverToGraphql } from '../servers/server-to-graphql.js';
import type { ServerRow } from '../servers/read/server-row.entity.js';
import type { GrantRow } from './read/grant-row.entity.js';

/** Whether a grant is honoured. */
export type GrantStatus = 'active' | 'expired' | 'revoked';

/** What a grant connects. */
export interface GrantParties {
  readonly identity: IdentityRow;
  readonly server: ServerRow;
  readonly policy: PolicyRow;
}

/** A grant's row as GraphQL's `Grant`. */
export function grantToGraphql(row: GrantRow, parties: GrantParties, point: ReadPoint) {
  const { grantId, issuedAt, expiresAt, revokedAt, revocationReason, revision } = row;
  return {
    id: grantId,
    identity: identityToGraphql(parties.identity, point),
    server: serverToGraphql(parties.server, point),
    policy: policyToGraphql(parties.policy, point),
    labels: labelsToGraphql(row.labels),
    status: statusAt(row, point.atMs),
    url: `${point.gatewayUrl}/mcp/${parties.server.slug}`,
    tokens: tokensAt(row, point.atMs),
    issuedAt,
    expiresAt,
    revokedAt,
    revocationReason,
    revision,
    history: (page: PageArgs) => point.history({ kind: 'grant', id: grantId }, page),
  };
}

/** A grant's status at an instant, whether its expiry was recorded by then or not. */
export function statusAt(row: Pick<GrantRow, 'status' | 'expiresAt'>, atMs: number): GrantStatus {
  return row.status === 'active' && row.expiresAt.getTime() <= atMs ? 'expired' : row.status;
}

/** The newest token, and older ones while their overlap lasts. */
function tokensAt(row: GrantRow, atMs: number) {
  return row.tokens
    .filter((token, at) => at === 0 || Date.parse(token.validUntil) > atMs)
    .map(({ tokenId, publicId, validUntil }, at) => ({ id: tokenId, publicId, validUntil, current: at === 0 }));
}
