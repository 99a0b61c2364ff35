import type { DomainEvent, OrganisationSettings } from '@sallyport/domain-events';
import type { GrantId, IdentityId, OrganisationId, PolicyId, Result, Revision, ServerId } from '@sallyport/kernel';
import { type FoldRefusal, type GrantState, type IdentityState, OrganisationFold, type OrganisationState } from '@sallyport/organisation-state';

import { LivePolicy } from './live-policy.js';
import { ServerState } from './server-state.js';

export type { GrantState, IdentityState } from '@sallyport/organisation-state';
export type { ServerState } from './server-state.js';

/** Why an organisation is refused by this worker. */
export interface OrganisationRefusal {
  /** Stable code: `state.unknown_fact`, `wire.undecodable`. */
  readonly code: string;
  /** The revision that cannot be applied. */
  readonly revision: Revision;
  /** For operators. */
  readonly sentence: string;
}

/**
 * One organisation, folded up to `revision`, with what calls need compiled and looked up once. The maps are changed in place between
 * two calls, never during one; what they hold is immutable, so a call that holds on to a value can tell by identity whether it is
 * still the current one.
 */
export class OrganisationSnapshot {
  /** Why this organisation is refused: events that this worker cannot apply. `null` while all is well. */
  refusal: OrganisationRefusal | null = null;
  /** Whether events are missing between `revision` and what the feed delivered; repaired by asking the feed again. */
  hasGap = false;
  readonly servers = new Map<ServerId, ServerState>();
  /** Only versions that enforce; a policy without one has no entry. */
  readonly policies = new Map<PolicyId, LivePolicy>();
  private fold: OrganisationFold;

  constructor(readonly organisationId: OrganisationId) {
    this.fold = new OrganisationFold(organisationId);
  }

  /** The plain state, to be read before anything else happens. */
  get state(): OrganisationState {
    return this.fold;
  }

  get revision(): Revision {
    return this.fold.revision;
  }

  get slug(): string {
    return this.fold.slug;
  }

  get wrappedKey(): string {
    return this.fold.wrappedKey;
  }

  get settings(): OrganisationSettings | null {
    return this.fold.settings;
  }

  get identities(): ReadonlyMap<IdentityId, IdentityState> {
    return this.fold.identities;
  }

  get grants(): ReadonlyMap<GrantId, GrantState> {
    return this.fold.grants;
  }

  /** Folds the next event; refused with nothing changed. */
  apply(event: DomainEvent): Result<undefined, FoldRefusal> {
    const folded = this.fold.apply(event);
    if (!folded.ok) return folded;
    const { fact } = event;
    if ('serverId' in fact.data && fact.type !== 'grant.issued') this.readyServer(fact.data.serverId);
    if (fact.type === 'policy.version_published') void this.readyPolicy(fact.data.policyId)?.compiled;
    return folded;
  }

  /** Goes on from a newer state, which is this organisation's own from now on. */
  replace(fold: OrganisationFold): void {
    this.fold = fold;
    this.servers.clear();
    this.policies.clear();
    for (const serverId of fold.servers.keys()) this.readyServer(serverId);
    for (const policyId of fold.policies.keys()) this.readyPolicy(policyId);
  }

  private readyServer(serverId: ServerId): void {
    const server = this.fold.servers.get(serverId);
    if (server !== undefined) this.servers.set(serverId, new ServerState(server));
  }

  /** A version in shadow mode leaves the live one as it is. */
  private readyPolicy(policyId: PolicyId): LivePolicy | undefined {
    const policy = this.fold.policies.get(policyId);
    const live = this.policies.get(policyId);
    if (policy === undefined || policy.version === live?.version) return live;
    const made = new LivePolicy(policy);
    this.policies.set(policyId, made);
    return made;
  }
}
