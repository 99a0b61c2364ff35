import { AdminClient, CreateIdentityDocument, CreateOrganisationDocument, IssueGrantDocument, PublishPolicyDocument, RegisterServerDocument, RevokeGrantDocument } from '@sallyport/graphql-contract';

import { accepted } from '../../e2e/world/accepted.js';
import { ask } from '../../e2e/world/ask.js';
import type { World } from '../../e2e/world/world.js';

/** A grant as its holder knows it. */
export interface Held {
  readonly grantId: string;
  readonly token: string;
  readonly url: string;
  readonly organisation: string;
}

const ENFORCED = 'ENFORCED' as const;
const FAIL_STATIC = 'mutation ($input: UpdateOrganisationInput!) { updateOrganisation(input: $input) { ... on UpdateOrganisationPayload { enforcement { reached } } ... on Refusal { code message } } }';
const OPEN = JSON.stringify({ version: '1', default: 'deny', tools: { do_it: {} } });

/** One organisation of a deployment, with a server `tracker` and an open policy, and whoever administers it. */
export class Tenant {
  private constructor(
    private readonly world: World,
    readonly organisationId: string,
    private readonly policy: string,
  ) {}

  /** Makes the organisation with everything that grants need. */
  static async create(world: World, upstreamUrl: string): Promise<Tenant> {
    const name = world.name('organisation');
    const { organisation } = accepted((await world.admin.run(CreateOrganisationDocument, { input: { name, slug: name } })).createOrganisation);
    const tenant = new Tenant(world, organisation.id, world.name('policy'));
    accepted((await tenant.admin.run(RegisterServerDocument, { input: { slug: 'tracker', url: upstreamUrl, headers: [], waitFor: ENFORCED } })).registerServer);
    accepted((await tenant.admin.run(PublishPolicyDocument, { input: { name: tenant.policy, document: OPEN, waitFor: ENFORCED } })).publishPolicy);
    return tenant;
  }

  get admin(): AdminClient {
    return new AdminClient({ url: this.world.url, token: this.world.adminToken, organisation: this.organisationId });
  }

  /** Lets a new identity use the server. Resolves once it is in force, unless said otherwise. */
  async grant(options: { readonly policy?: string; readonly waitFor?: 'COMMITTED' | 'ENFORCED' } = {}): Promise<Held> {
    const identity = this.world.name('agent');
    accepted((await this.admin.run(CreateIdentityDocument, { input: { name: identity, kind: 'agent', labels: [] } })).createIdentity);
    const input = { identity, server: 'tracker', policy: options.policy ?? this.policy, waitFor: options.waitFor ?? ENFORCED };
    const { grantId, token, url } = accepted((await this.admin.run(IssueGrantDocument, { input })).issueGrant);
    return { grantId, token: String(token), url, organisation: this.organisationId };
  }

  /** From now on its workers go on with what they know for ten minutes when nothing comes. Resolves once that is in force. */
  async failStatic(): Promise<void> {
    const input = { freshnessMode: 'fail_static', failStaticMaxAge: 'PT10M', waitFor: ENFORCED };
    const answer = await ask({ url: this.world.url, token: this.world.adminToken }, FAIL_STATIC, { input }, { 'sallyport-organisation': this.organisationId });
    const { data } = answer as { readonly data: { readonly updateOrganisation?: { readonly enforcement?: { readonly reached: boolean } } } | null | undefined };
    if (data?.updateOrganisation?.enforcement?.reached !== true) throw new Error(answer.text);
  }

  /** Publishes a policy under a new name, and answers the name. */
  async publish(document: object): Promise<string> {
    const name = this.world.name('policy');
    accepted((await this.admin.run(PublishPolicyDocument, { input: { name, document: JSON.stringify(document), waitFor: ENFORCED } })).publishPolicy);
    return name;
  }

  /** Revokes a grant; whether that was answered as enforced, and by whom it is not yet. */
  async revoke(held: Held): Promise<{ readonly reached: boolean; readonly outstanding: readonly string[] }> {
    const { enforcement } = accepted((await this.admin.run(RevokeGrantDocument, { input: { grant: held.grantId, waitFor: ENFORCED } })).revokeGrant);
    return { reached: enforcement?.reached ?? false, outstanding: enforcement?.outstanding ?? [] };
  }
}
