import type { IdentityKind, Labels, ListedTool, OrganisationSettings, ProtocolEra, Upstream } from '@sallyport/domain-events';
import type { GrantId, IdentityId, OrganisationId, PolicyId, Revision, ServerId, Sha256Hex, TokenId } from '@sallyport/kernel';
import type { ToolCategory, ToolRisk } from '@sallyport/policy-engine';

/** What a person approved of a server's tools. */
export interface ApprovedTools {
  /** Never empty. */
  readonly eras: readonly ProtocolEra[];
  /** Protocol revisions the upstream offered, newest first. */
  readonly protocolVersions: readonly string[];
  /** In the upstream's order. */
  readonly tools: readonly ListedTool[];
}

/** What an administrator says of one tool; `null` where nothing. */
export interface ToolLabelling {
  readonly tool: string;
  readonly category: ToolCategory | null;
  readonly risk: ToolRisk | null;
}

/** One server. Never changed: an event makes a new one. */
export interface ServerState {
  readonly serverId: ServerId;
  readonly slug: string;
  readonly upstream: Upstream;
  /** Bounds one call, milliseconds. */
  readonly timeoutMs: number;
  readonly disabled: boolean;
  /** `null` until its tools were listed for the first time. */
  readonly approved: ApprovedTools | null;
  /** Names whose definition was seen to differ from the approved one, each once, ordered. */
  readonly quarantined: readonly string[];
  /** Tools that something is said of, each once, ordered by name. One may name a tool that is not listed now. */
  readonly labels: readonly ToolLabelling[];
}

/** Who calls. Never changed: an event makes a new one. */
export interface IdentityState {
  readonly identityId: IdentityId;
  readonly name: string;
  readonly kind: IdentityKind;
  readonly labels: Labels;
  /** Each once, ordered. */
  readonly groups: readonly string[];
  readonly disabled: boolean;
}

/** A policy's enforced version, or the one that runs beside it. Never changed: an event makes a new one. */
export interface PolicyState {
  readonly policyId: PolicyId;
  readonly name: string;
  readonly version: number;
  /** The JSON text as published; it was parsed once already. */
  readonly document: string;
}

/** One token of a grant. */
export interface GrantTokenState {
  readonly tokenId: TokenId;
  /** The part of the token by which it is looked up. */
  readonly publicId: string;
  /** Keyed hash of the whole token. */
  readonly secretHash: Sha256Hex;
  /** Unix milliseconds; `null` for the current token, which is valid as long as its grant. */
  readonly validUntilMs: number | null;
}

/** A grant that has not ended by an event; the passing of `expiresAtMs` ends it without any. Never changed: an event makes a new one. */
export interface GrantState {
  readonly grantId: GrantId;
  readonly identityId: IdentityId;
  readonly serverId: ServerId;
  readonly policyId: PolicyId;
  readonly labels: Labels;
  /** Unix milliseconds. */
  readonly expiresAtMs: number;
  /** The current one first. */
  readonly tokens: readonly GrantTokenState[];
}

/**
 * One organisation as workers need it: the fold of its events up to `revision`. What only the control plane needs (members,
 * admin tokens, older policy versions, ended grants) is not in it.
 */
export interface OrganisationState {
  readonly organisationId: OrganisationId;
  readonly revision: Revision;
  /** `''` before the organisation was created. */
  readonly slug: string;
  /** The organisation's key-encryption key, wrapped by the root key; `''` before it was created. */
  readonly wrappedKey: string;
  /** `null` before the organisation was created. */
  readonly settings: OrganisationSettings | null;
  readonly servers: ReadonlyMap<ServerId, ServerState>;
  readonly identities: ReadonlyMap<IdentityId, IdentityState>;
  /** Only enforced versions; a policy that has none is not here. */
  readonly policies: ReadonlyMap<PolicyId, PolicyState>;
  /** Versions that run in shadow, each beside its policy's enforced one or, where there is none, alone; whatever mode their documents say. */
  readonly shadows: ReadonlyMap<PolicyId, PolicyState>;
  readonly grants: ReadonlyMap<GrantId, GrantState>;
}
