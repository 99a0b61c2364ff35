import type { GrantId, IdentityId, PolicyId, ServerId, Sha256Hex, TokenId } from '@sallyport/kernel';

import type { Fact } from './envelope.js';

/** Who calls. */
export const IDENTITY_KINDS = ['agent', 'human', 'service'] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** Free labels, key to value. */
export type Labels = Readonly<Record<string, string>>;

/** An identity exists, with its first labels and the groups it is in, each once, ordered. Version 1 had no groups. */
export type IdentityCreated = Fact<'identity.created', 2, { identityId: IdentityId; name: string; kind: IdentityKind; labels: Labels; groups: readonly string[] }>;
export type IdentityRelabelled = Fact<'identity.relabelled', 1, { identityId: IdentityId; labels: Labels }>;
/** The identity is in these groups from here on and in no others; each once, ordered. */
export type IdentityRegrouped = Fact<'identity.regrouped', 1, { identityId: IdentityId; groups: readonly string[] }>;
export type IdentityDisabled = Fact<'identity.disabled', 1, { identityId: IdentityId }>;
export type IdentityEnabled = Fact<'identity.enabled', 1, { identityId: IdentityId }>;

/**
 * A version of a policy, which never changes afterwards. `document` is the JSON text as published.
 * `restoresVersion` is the version a rollback published again, 0 when it is none.
 */
export type PolicyVersionPublished = Fact<
  'policy.version_published',
  1,
  { policyId: PolicyId; name: string; version: number; document: string; documentHash: Sha256Hex; note: string; restoresVersion: number }
>;

/** From here on a version runs beside the enforced one, in place of any that did: it decides, and nothing follows from it. `document` is that version's. */
export type PolicyShadowStarted = Fact<'policy.shadow_started', 1, { policyId: PolicyId; name: string; version: number; document: string }>;
/** No version of the policy runs beside the enforced one any more. */
export type PolicyShadowStopped = Fact<'policy.shadow_stopped', 1, { policyId: PolicyId }>;
/**
 * The tests that stand beside the policy from `version` on; `tests` is their text as given, `''` for none.
 * `required`: later versions are published only where they pass.
 */
export type PolicyTestsSet = Fact<'policy.tests_set', 1, { policyId: PolicyId; version: number; tests: string; required: boolean }>;

/** The secret half of a grant, at rest: the token's public id and the keyed hash of the whole token. */
export interface GrantToken {
  readonly tokenId: TokenId;
  readonly publicId: string;
  readonly secretHash: Sha256Hex;
}

/** An identity may use a server under a policy until `expiresAt`. The token is kept as its hash. */
export type GrantIssued = Fact<
  'grant.issued',
  1,
  {
    grantId: GrantId;
    identityId: IdentityId;
    serverId: ServerId;
    policyId: PolicyId;
    labels: Labels;
    expiresAt: string;
    token: GrantToken;
  }
>;
/** The grant follows another policy from here on. */
export type GrantPolicyAttached = Fact<'grant.policy_attached', 1, { grantId: GrantId; policyId: PolicyId }>;
/** The token before stays valid until `previousValidUntil`; tokens before that one end then too, if they have not yet. */
export type GrantTokenRotated = Fact<'grant.token_rotated', 1, { grantId: GrantId; token: GrantToken; previousValidUntil: string }>;
/** The grant ended for good, with the reason given. */
export type GrantRevoked = Fact<'grant.revoked', 1, { grantId: GrantId; reason: string }>;
/** Its time had passed; written by a sweep for the record. Workers go by `expiresAt` themselves. */
export type GrantExpired = Fact<'grant.expired', 1, { grantId: GrantId }>;

/** Facts about who may call what. */
export type AccessEvent =
  | IdentityCreated
  | IdentityRelabelled
  | IdentityRegrouped
  | IdentityDisabled
  | IdentityEnabled
  | PolicyVersionPublished
  | PolicyShadowStarted
  | PolicyShadowStopped
  | PolicyTestsSet
  | GrantIssued
  | GrantPolicyAttached
  | GrantTokenRotated
  | GrantRevoked
  | GrantExpired;
