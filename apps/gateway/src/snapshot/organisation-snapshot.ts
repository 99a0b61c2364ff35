import type { IdentityKind, Labels, ListedTool, OrganisationSettings, ProtocolEra, Upstream } from '@sallyport/domain-events';
import type { GrantId, IdentityId, OrganisationId, PolicyId, Revision, ServerId } from '@sallyport/kernel';
import { branded } from '@sallyport/kernel';
import type { HeaderParam } from '@sallyport/mcp-protocol';

import type { LivePolicy } from './live-policy.js';

/** What a person approved of a server's tools. */
export interface ApprovedTools {
  /** Never empty. */
  readonly eras: readonly ProtocolEra[];
  /** Protocol revisions the upstream offered, newest first. */
  readonly protocolVersions: readonly string[];
  /** In the upstream's order; of two tools with one name the first counts. */
  readonly list: readonly ListedTool[];
  readonly byName: ReadonlyMap<string, ListedTool>;
  /** Which arguments a tool wants mirrored in headers (`x-mcp-header`); tools that want none have no entry. */
  readonly mirrored: ReadonlyMap<string, readonly HeaderParam[]>;
}

/** One server, as a worker knows it. Never changed: an event makes a new one. */
export interface ServerState {
  readonly serverId: ServerId;
  readonly slug: string;
  readonly upstream: Upstream;
  readonly timeoutMs: number;
  readonly disabled: boolean;
  /** `null` until its tools were listed for the first time. */
  readonly approved: ApprovedTools | null;
  /** Names whose definition was seen to differ from the approved one. */
  readonly quarantined: ReadonlySet<string>;
}

/** Who calls. */
export interface IdentityState {
  readonly identityId: IdentityId;
  readonly name: string;
  readonly kind: IdentityKind;
  readonly labels: Labels;
  readonly disabled: boolean;
}

/** A grant. `ended` once it was revoked or its expiry was recorded; the passing of `expiresAtMs` ends it without any event. */
export interface GrantState {
  readonly grantId: GrantId;
  readonly identityId: IdentityId;
  readonly serverId: ServerId;
  readonly policyId: PolicyId;
  readonly labels: Labels;
  readonly expiresAtMs: number;
  readonly ended: boolean;
}

/**
 * One organisation, folded from its events up to `revision`. The maps are changed in place between two calls, never during one;
 * what they hold is immutable, so a call that holds on to a value can tell by identity whether it is still the current one.
 */
export class OrganisationSnapshot {
  revision: Revision = branded<Revision>(0);
  slug = '';
  wrappedKey = '';
  settings: OrganisationSettings | null = null;
  /** Why this organisation is refused: an event this worker cannot apply. `null` while all is well. */
  refusedBecause: string | null = null;
  /** Whether events are missing between `revision` and what the feed delivered; repaired by asking the feed again. */
  hasGap = false;
  readonly servers = new Map<ServerId, ServerState>();
  readonly identities = new Map<IdentityId, IdentityState>();
  /** Only versions that enforce; a policy without one has no entry. */
  readonly policies = new Map<PolicyId, LivePolicy>();
  readonly grants = new Map<GrantId, GrantState>();

  constructor(readonly organisationId: OrganisationId) {}
}
