import type { PolicyId } from '@sallyport/kernel';
import { MetaMemory } from '@sallyport/mcp-protocol';
import type { PolicyState } from '@sallyport/organisation-state';
import type { ToolCall } from '@sallyport/policy-engine';
import type { KeyedHashes } from '@sallyport/secrets';

import { SeenSources } from '../notes/seen-sources.js';
import { CounterKeys } from './counter-keys.js';
import { LivePolicy } from './live-policy.js';
import type { GrantState, IdentityState, OrganisationSnapshot, ServerState } from './organisation-snapshot.js';
import type { TokenEntry, TokenIndex } from './token-index.js';
import { ServerToolLabels } from './tool-labels.js';

/**
 * Everything a credential leads to, resolved once and shared by its calls until one of the parts is replaced. A call that
 * was decided by a binding may go upstream only while that binding is still current.
 */
export interface GrantBinding {
  readonly entry: TokenEntry;
  readonly organisation: OrganisationSnapshot;
  readonly grant: GrantState;
  readonly identity: IdentityState;
  readonly server: ServerState;
  /** `null` when the grant's policy has no enforced version: every call is denied. */
  readonly policy: LivePolicy | null;
  /** The version of the policy that runs beside the enforced one, if any. A call under way outlives its change. */
  readonly shadow: LivePolicy | null;
  /** The parts of a `ToolCall` that do not depend on the request. */
  readonly callParts: Pick<ToolCall, 'grant' | 'identity' | 'server'>;
  readonly counterKeys: CounterKeys;
  /** Shared by all bindings of this state of the server. */
  readonly toolLabels: ServerToolLabels;
  /** Where the credential was used from; outlives the binding. */
  readonly sources: SeenSources;
  /** What the credential's last message said of its sender. */
  readonly lastMeta: MetaMemory;
}

/** Resolves credentials to bindings, and says whether one is still what the snapshot holds. */
export class GrantBindings {
  private readonly byEntry = new WeakMap<TokenEntry, GrantBinding>();
  private readonly shadows = new WeakMap<PolicyState, LivePolicy>();
  private readonly labels = new WeakMap<ServerState, ServerToolLabels>();

  constructor(
    private readonly tokens: TokenIndex,
    private readonly hashes: KeyedHashes,
  ) {}

  /** The current binding of a credential; `undefined` when its grant, identity or server is gone, ended or disabled. */
  of(entry: TokenEntry): GrantBinding | undefined {
    const known = this.byEntry.get(entry);
    if (known !== undefined && this.isCurrent(known) && known.shadow === this.shadowOf(known.organisation, known.grant.policyId)) return known;
    const made = bind(entry, { sources: known?.sources ?? new SeenSources(), labelsOf: (...of) => this.labelsOf(...of), shadowOf: (...of) => this.shadowOf(...of), hashes: this.hashes });
    if (made !== undefined) this.byEntry.set(entry, made);
    return made;
  }

  /** What a credential seen earlier has become; `undefined` when it is no longer its grant's. */
  renewed(entry: TokenEntry): TokenEntry | undefined {
    return this.tokens.renewed(entry);
  }

  private shadowOf(organisation: OrganisationSnapshot, policyId: PolicyId): LivePolicy | null {
    const { shadows } = organisation.state;
    const state = shadows.size === 0 ? undefined : shadows.get(policyId);
    if (state === undefined) return null;
    const known = this.shadows.get(state);
    if (known !== undefined) return known;
    const made = new LivePolicy(state);
    this.shadows.set(state, made);
    return made;
  }

  private labelsOf(organisation: OrganisationSnapshot, server: ServerState): ServerToolLabels {
    const known = this.labels.get(server);
    if (known !== undefined) return known;
    const made = new ServerToolLabels(server, organisation.state.servers.get(server.serverId)?.labels);
    this.labels.set(server, made);
    return made;
  }

  /** Whether nothing that the binding was made of has been replaced. */
  isCurrent(binding: GrantBinding): boolean {
    const { organisation, grant } = binding;
    return (
      organisation.grants.get(grant.grantId) === grant &&
      organisation.policies.get(grant.policyId) === (binding.policy ?? undefined) &&
      organisation.servers.get(grant.serverId) === binding.server &&
      organisation.identities.get(grant.identityId) === binding.identity &&
      this.tokens.isCurrent(binding.entry)
    );
  }
}

/** Whether the credential's time has come: its own, or its grant's. */
export function isExpired(entry: TokenEntry, grant: GrantState, nowMs: number): boolean {
  return nowMs >= grant.expiresAtMs || nowMs >= entry.validUntilMs;
}

/** What bindings share. */
interface SharedParts {
  readonly hashes: KeyedHashes;
  readonly sources: SeenSources;
  labelsOf(organisation: OrganisationSnapshot, server: ServerState): ServerToolLabels;
  shadowOf(organisation: OrganisationSnapshot, policyId: PolicyId): LivePolicy | null;
}

function bind(entry: TokenEntry, shared: SharedParts): GrantBinding | undefined {
  const { organisation } = entry;
  const grant = organisation.grants.get(entry.grantId);
  if (grant === undefined) return undefined;
  const identity = organisation.identities.get(grant.identityId);
  const server = organisation.servers.get(grant.serverId);
  if (identity === undefined || identity.disabled || server === undefined) return undefined;
  return {
    entry,
    organisation,
    grant,
    identity,
    server,
    policy: organisation.policies.get(grant.policyId) ?? null,
    shadow: shared.shadowOf(organisation, grant.policyId),
    callParts: {
      grant: { id: grant.grantId, labels: grant.labels },
      identity: { id: identity.identityId, kind: identity.kind, name: identity.name, labels: identity.labels, groups: identity.groups },
      server: { slug: server.slug },
    },
    counterKeys: new CounterKeys(`${organisation.organisationId}/${grant.policyId}/`, (text) => shared.hashes.digest(organisation.organisationId, text)),
    toolLabels: shared.labelsOf(organisation, server),
    sources: shared.sources,
    lastMeta: new MetaMemory(),
  };
}
