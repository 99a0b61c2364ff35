import type { MemberId, Sha256Hex, TokenId } from '@sallyport/kernel';

import type { Fact } from './envelope.js';

/** When a `decided` record counts as kept, before the call goes on: in the kernel, on stable storage, or on the bus. */
export type AuditDurability = 'process' | 'disk' | 'bus';

/** What workers do when the newest stamp is too old: deny, or go on with what they have until `failStaticMaxAgeSeconds`. */
export type FreshnessMode = 'strict' | 'fail_static';

/** Roles of members and of their tokens. `viewer` < `policy_manager` < `admin`; `auditor` stands beside them. */
export const ROLES = ['viewer', 'policy_manager', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** An organisation's settings, always whole. */
export interface OrganisationSettings {
  readonly name: string;
  readonly auditDurability: AuditDurability;
  readonly freshnessMode: FreshnessMode;
  /** Used in `fail_static` only; seconds. */
  readonly failStaticMaxAgeSeconds: number;
}

/** `wrappedKey` is the organisation's key-encryption key, wrapped by the root key; opaque text of the secret box. */
export type OrganisationCreated = Fact<'organisation.created', 1, { slug: string; settings: OrganisationSettings; wrappedKey: string }>;
/** The settings were replaced as a whole. */
export type OrganisationSettingsChanged = Fact<'organisation.settings_changed', 1, { settings: OrganisationSettings }>;

/** A person may sign in, with a role. */
export type MemberAdded = Fact<'member.added', 1, { memberId: MemberId; name: string; role: Role }>;
export type MemberRoleChanged = Fact<'member.role_changed', 1, { memberId: MemberId; role: Role }>;
export type MemberRemoved = Fact<'member.removed', 1, { memberId: MemberId }>;

/** An admin token. `operator` marks the deployment's first token, which alone creates organisations. */
export type TokenIssued = Fact<
  'token.issued',
  1,
  { tokenId: TokenId; memberId: MemberId; role: Role; operator: boolean; publicId: string; secretHash: Sha256Hex; label: string; expiresAt: string }
>;
/** The admin token stopped working. */
export type TokenRevoked = Fact<'token.revoked', 1, { tokenId: TokenId; reason: string }>;

/** Facts about an organisation, its members and their tokens. */
export type OrganisationEvent =
  | OrganisationCreated
  | OrganisationSettingsChanged
  | MemberAdded
  | MemberRoleChanged
  | MemberRemoved
  | TokenIssued
  | TokenRevoked;
