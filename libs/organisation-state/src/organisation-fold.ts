import { CURRENT_VERSIONS, type DomainEvent, type OrganisationSettings } from '@sallyport/domain-events';
import { branded, type GrantId, type IdentityId, ok, type OrganisationId, type PolicyId, refuse, type Result, type Revision, type ServerId } from '@sallyport/kernel';
import { parsePolicy } from '@sallyport/policy-engine';

import { foldGrant, instantsOf } from './fold-grant.js';
import { foldIdentity } from './fold-identity.js';
import type { FoldRefusal } from './fold-refusal.js';
import { foldServer } from './fold-server.js';
import type { GrantState, IdentityState, OrganisationState, PolicyState, ServerState } from './organisation-state.js';

type FactOf<Kind extends string> = Extract<DomainEvent['fact'], { readonly type: `${Kind}.${string}` }>;
type Folded = Result<undefined, FoldRefusal>;

const DONE = ok(undefined);

/**
 * An organisation's state that moves on event by event. Its maps are changed in place, so an event costs the same however many
 * grants there are; what they hold is immutable. For a state that must not move, `evolveState`.
 */
export class OrganisationFold implements OrganisationState {
  revision: Revision = branded<Revision>(0);
  slug = '';
  wrappedKey = '';
  settings: OrganisationSettings | null = null;
  readonly servers = new Map<ServerId, ServerState>();
  readonly identities = new Map<IdentityId, IdentityState>();
  readonly policies = new Map<PolicyId, PolicyState>();
  readonly shadows = new Map<PolicyId, PolicyState>();
  readonly grants = new Map<GrantId, GrantState>();

  /** One of which nothing is known yet. */
  constructor(readonly organisationId: OrganisationId) {}

  /** One that goes on from a state; the state itself stays as it is. */
  static from(state: OrganisationState): OrganisationFold {
    const fold = new OrganisationFold(state.organisationId);
    const { revision, slug, wrappedKey, settings } = state;
    Object.assign(fold, { revision, slug, wrappedKey, settings });
    for (const [id, server] of state.servers) fold.servers.set(id, server);
    for (const [id, identity] of state.identities) fold.identities.set(id, identity);
    for (const [id, policy] of state.policies) fold.policies.set(id, policy);
    for (const [id, shadow] of state.shadows) fold.shadows.set(id, shadow);
    for (const [id, grant] of state.grants) fold.grants.set(id, grant);
    return fold;
  }

  /**
   * Folds the organisation's next event. Refused with nothing changed when it is not the next one, or this version does not know
   * the fact, or cannot read the policy or a time in it, or the fact is about an object that no earlier one made.
   */
  apply(event: DomainEvent): Folded {
    const next = this.revision + 1;
    if (event.organisationId !== this.organisationId) return refused(event, 'state.other_organisation', 'is of another organisation');
    if (event.revision !== next) return refused(event, 'state.out_of_order', `came where ${next} is the next`);
    const folded = this.fold(event);
    if (folded.ok) this.revision = event.revision;
    return folded;
  }

  private fold(event: DomainEvent): Folded {
    const { fact } = event;
    if (fact.version !== CURRENT_VERSIONS[fact.type]) return unknownFact(event);
    switch (fact.type) {
      case 'organisation.created':
        this.slug = fact.data.slug;
        this.wrappedKey = fact.data.wrappedKey;
        this.settings = fact.data.settings;
        return DONE;
      case 'organisation.settings_changed':
        this.settings = fact.data.settings;
        return DONE;
      case 'member.added':
      case 'member.role_changed':
      case 'member.removed':
      case 'token.issued':
      case 'token.revoked':
      case 'policy.tests_set':
      case 'sink.added':
      case 'sink.changed':
      case 'sink.confirmed':
      case 'sink.paused':
      case 'sink.resumed':
      case 'sink.removed':
      case 'reveal.requested':
      case 'reveal.confirmed':
      case 'reveal.refused':
      case 'reveal.read':
      case 'reveal.expired':
        return DONE;
      case 'server.registered':
      case 'server.updated':
      case 'server.disabled':
      case 'server.enabled':
      case 'server.tools_approved':
      case 'server.tools_changed':
      case 'server.tool_labelled':
        return put(event, this.servers, fact.data.serverId, foldServer(this.servers.get(fact.data.serverId), fact));
      case 'identity.created':
      case 'identity.relabelled':
      case 'identity.regrouped':
      case 'identity.disabled':
      case 'identity.enabled':
        return put(event, this.identities, fact.data.identityId, foldIdentity(this.identities.get(fact.data.identityId), fact));
      case 'policy.version_published':
        return this.publish(event, fact.data);
      case 'policy.shadow_started':
        return this.publish(event, fact.data, 'shadow');
      case 'policy.shadow_stopped':
        this.shadows.delete(fact.data.policyId);
        return DONE;
      case 'grant.issued':
      case 'grant.policy_attached':
      case 'grant.token_rotated':
      case 'grant.revoked':
      case 'grant.expired':
        return this.foldGrant(event, fact);
      default:
        return unknownFact(event);
    }
  }

  /** A version in shadow mode never becomes the enforced one: it runs beside it from its publication on. */
  private publish(event: DomainEvent, { policyId, name, version, document }: PolicyState, mode?: 'shadow'): Folded {
    const parsed = parsePolicy(document);
    if (!parsed.ok) return refused(event, 'state.unreadable_policy', `is version ${version} of policy ${name}, which cannot be read by this worker`);
    const into = (mode ?? parsed.value.mode) === 'shadow' ? this.shadows : this.policies;
    into.set(policyId, { policyId, name, version, document });
    return DONE;
  }

  /** A grant that has ended is forgotten; that its expiry is recorded after its revocation, or the other way, changes nothing. */
  private foldGrant(event: DomainEvent, fact: FactOf<'grant'>): Folded {
    const { grantId } = fact.data;
    if (fact.type === 'grant.revoked' || fact.type === 'grant.expired') {
      this.grants.delete(grantId);
      return DONE;
    }
    const atMs = Date.parse(event.occurredAt);
    if ([atMs, ...instantsOf(fact)].some(Number.isNaN)) return refused(event, 'state.unreadable_time', `is a ${fact.type} with a time that is none`);
    return put(event, this.grants, grantId, foldGrant(this.grants.get(grantId), fact, atMs));
  }
}

function put<Id, Value>(event: DomainEvent, into: Map<Id, Value>, id: Id, folded: Value | undefined): Folded {
  if (folded === undefined) return refused(event, 'state.unknown_object', `is a ${event.fact.type} of something that does not exist`);
  into.set(id, folded);
  return DONE;
}

function unknownFact(event: { readonly revision: number; readonly fact: { readonly type: string; readonly version: number } }): Folded {
  return refused(event, 'state.unknown_fact', `is a ${event.fact.type} of version ${event.fact.version}, which this worker does not know`);
}

function refused(event: { readonly revision: number }, code: FoldRefusal['code'], sentence: string): Folded {
  return refuse({ code, sentence: `revision ${event.revision} ${sentence}` });
}
