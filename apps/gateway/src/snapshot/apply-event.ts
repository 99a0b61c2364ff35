import type { DomainEvent, GrantIssued, PolicyVersionPublished, ServerToolsApproved } from '@sallyport/domain-events';
import { ok, refuse, type Result } from '@sallyport/kernel';

import { livePolicy } from './live-policy.js';
import { mirroredParams } from './mirrored-params.js';
import type { ApprovedTools, GrantState, OrganisationSnapshot, ServerState } from './organisation-snapshot.js';
import type { TokenIndex } from './token-index.js';

/**
 * Folds one event into an organisation's snapshot. Refused, with an operator's sentence and nothing changed, when this
 * version of the worker does not know the fact or cannot read the policy in it: an unknown fact is never skipped.
 * The caller moves the revision.
 */
export function applyEvent(into: OrganisationSnapshot, tokens: TokenIndex, event: DomainEvent): Result<undefined, string> {
  const { fact } = event;
  if (fact.version !== 1) return refuse(unknownFact(event));
  switch (fact.type) {
    case 'organisation.created':
      into.slug = fact.data.slug;
      into.wrappedKey = fact.data.wrappedKey;
      into.settings = fact.data.settings;
      return DONE;
    case 'organisation.settings_changed':
      into.settings = fact.data.settings;
      return DONE;
    case 'member.added':
    case 'member.role_changed':
    case 'member.removed':
    case 'token.issued':
    case 'token.revoked':
      return DONE;
    case 'server.registered':
    case 'server.updated':
    case 'server.disabled':
    case 'server.enabled':
    case 'server.tools_approved':
    case 'server.tools_changed':
      return applyServerFact(into, fact);
    case 'identity.created':
    case 'identity.relabelled':
    case 'identity.disabled':
    case 'identity.enabled':
      return applyIdentityFact(into, fact);
    case 'policy.version_published':
      return publishPolicy(into, fact.data);
    case 'grant.issued':
    case 'grant.policy_attached':
    case 'grant.token_rotated':
    case 'grant.revoked':
    case 'grant.expired':
      return applyGrantFact({ into, tokens, atMs: Date.parse(event.occurredAt) }, fact);
    default:
      return refuse(unknownFact(event));
  }
}

const DONE = ok(undefined);

type FactOf<Kind extends string> = Extract<DomainEvent['fact'], { readonly type: `${Kind}.${string}` }>;

function unknownFact(event: { readonly fact: { readonly type: string; readonly version: number }; readonly revision: number }): string {
  return `revision ${event.revision} is a ${event.fact.type} of version ${event.fact.version}, which this worker does not know`;
}

function applyServerFact(into: OrganisationSnapshot, fact: FactOf<'server'>): Result<undefined, string> {
  const { serverId } = fact.data;
  if (fact.type === 'server.registered') {
    const { slug, upstream, timeoutMs } = fact.data;
    into.servers.set(serverId, { serverId, slug, upstream, timeoutMs, disabled: false, approved: null, quarantined: new Set() });
    return DONE;
  }
  const server = into.servers.get(serverId);
  if (server === undefined) return refuse(`${fact.type} names a server that was never registered`);
  into.servers.set(serverId, evolveServer(server, fact));
  return DONE;
}

function evolveServer(server: ServerState, fact: Exclude<FactOf<'server'>, { readonly type: 'server.registered' }>): ServerState {
  switch (fact.type) {
    case 'server.updated':
      return { ...server, upstream: fact.data.upstream, timeoutMs: fact.data.timeoutMs };
    case 'server.disabled':
      return { ...server, disabled: true };
    case 'server.enabled':
      return { ...server, disabled: false };
    case 'server.tools_approved':
      return { ...server, approved: approvedTools(fact.data), quarantined: new Set() };
    case 'server.tools_changed':
      return { ...server, quarantined: new Set([...server.quarantined, ...fact.data.tools.map((tool) => tool.name)]) };
  }
}

function approvedTools(data: ServerToolsApproved['data']): ApprovedTools {
  const byName = new Map<string, ApprovedTools['list'][number]>();
  for (const tool of data.tools) if (!byName.has(tool.name)) byName.set(tool.name, tool);
  return { eras: data.eras, protocolVersions: data.protocolVersions, list: [...byName.values()], byName, mirrored: mirroredParams(byName.values()) };
}

function applyIdentityFact(into: OrganisationSnapshot, fact: FactOf<'identity'>): Result<undefined, string> {
  const { identityId } = fact.data;
  if (fact.type === 'identity.created') {
    const { name, kind, labels } = fact.data;
    into.identities.set(identityId, { identityId, name, kind, labels, disabled: false });
    return DONE;
  }
  const identity = into.identities.get(identityId);
  if (identity === undefined) return refuse(`${fact.type} names an identity that was never created`);
  if (fact.type === 'identity.relabelled') into.identities.set(identityId, { ...identity, labels: fact.data.labels });
  else into.identities.set(identityId, { ...identity, disabled: fact.type === 'identity.disabled' });
  return DONE;
}

function publishPolicy(into: OrganisationSnapshot, data: PolicyVersionPublished['data']): Result<undefined, string> {
  const read = livePolicy(data);
  if (!read.ok) return read;
  if (read.value !== null) into.policies.set(data.policyId, read.value);
  return DONE;
}

interface GrantScope {
  readonly into: OrganisationSnapshot;
  readonly tokens: TokenIndex;
  readonly atMs: number;
}

function applyGrantFact(scope: GrantScope, fact: FactOf<'grant'>): Result<undefined, string> {
  const { into, tokens, atMs } = scope;
  const { grantId } = fact.data;
  if (fact.type === 'grant.issued') {
    into.grants.set(grantId, issuedGrant(fact.data));
    tokens.put(into, grantId, fact.data.token, { previousValidUntilMs: atMs, atMs });
    return DONE;
  }
  const grant = into.grants.get(grantId);
  if (grant === undefined) return refuse(`${fact.type} names a grant that was never issued`);
  switch (fact.type) {
    case 'grant.policy_attached':
      into.grants.set(grantId, { ...grant, policyId: fact.data.policyId });
      return DONE;
    case 'grant.token_rotated':
      tokens.put(into, grantId, fact.data.token, { previousValidUntilMs: Date.parse(fact.data.previousValidUntil), atMs });
      return DONE;
    case 'grant.revoked':
    case 'grant.expired':
      into.grants.set(grantId, { ...grant, ended: true });
      tokens.forget(grantId);
      return DONE;
  }
}

function issuedGrant(data: GrantIssued['data']): GrantState {
  const { grantId, identityId, serverId, policyId, labels, expiresAt } = data;
  return { grantId, identityId, serverId, policyId, labels, expiresAtMs: Date.parse(expiresAt), ended: false };
}
