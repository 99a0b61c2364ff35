import type { Message } from '@bufbuild/protobuf';
import type { Labels } from '@sallyport/domain-events';
import { branded, type GrantId, type IdentityId, type PolicyId, type ServerId, type Sha256Hex, type TokenId } from '@sallyport/kernel';
import type { GrantState, GrantTokenState, OrganisationState } from '@sallyport/organisation-state';

import type { GrantState as GrantMessage, GrantTokenState as TokenMessage } from './generated/sallyport/stream/v1/organisation_state_pb.js';
import { wireFault } from './wire-faults.js';

const NO_LABELS: Labels = Object.freeze({});

/**
 * Reads grants of one state, by hand because a worker holds very many: objects of one shape, the ids that they share with the
 * state's other objects as the same texts, and no labels as one object. What it reads is what `messageToData` would.
 *
 * @param state Its servers, identities and policies are there already.
 */
export function grantReader(state: OrganisationState): (grant: GrantMessage) => GrantState {
  return (grant) => {
    refuseUnknown(grant);
    const [identityId, serverId, policyId] = [branded<IdentityId>(grant.identityId), branded<ServerId>(grant.serverId), branded<PolicyId>(grant.policyId)];
    return {
      grantId: branded<GrantId>(grant.grantId),
      identityId: state.identities.get(identityId)?.identityId ?? identityId,
      serverId: state.servers.get(serverId)?.serverId ?? serverId,
      policyId: state.policies.get(policyId)?.policyId ?? policyId,
      labels: Object.keys(grant.labels).length === 0 ? NO_LABELS : Object.fromEntries(Object.entries(grant.labels)),
      expiresAtMs: milliseconds(grant.expiresAtMs),
      tokens: grant.tokens.map(tokenOf),
    };
  };
}

function tokenOf(token: TokenMessage): GrantTokenState {
  refuseUnknown(token);
  return {
    tokenId: branded<TokenId>(token.tokenId),
    publicId: token.publicId,
    secretHash: branded<Sha256Hex>(token.secretHash),
    validUntilMs: token.validUntilMs === undefined ? null : milliseconds(token.validUntilMs),
  };
}

function milliseconds(value: bigint): number {
  const read = Number(value);
  if (!Number.isSafeInteger(read)) throw wireFault.undecodable('a time of a grant is beyond 2^53 - 1 milliseconds');
  return read;
}

function refuseUnknown(message: Message): void {
  if ((message.$unknown?.length ?? 0) > 0) throw wireFault.undecodable(`${message.$typeName} has a field this version does not know`);
}
