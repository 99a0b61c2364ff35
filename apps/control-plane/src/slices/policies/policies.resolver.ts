import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';

import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import type { AsOf } from '../../platform/graphql/scalars.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import type { PageArgs } from '../past/read-point.js';
import { checkDocument, documentText } from './check-document.js';
import { PublishPolicy, type PublishPolicyInput, type RollbackPolicyInput } from './commands/publish-policy.js';
import { ShadowPolicy, type PromotePolicyInput, type ShadowPolicyInput } from './commands/shadow-policy.js';
import { policyRejected, refusalMember } from './policy-refusals.js';
import { PolicyWorkbench } from './policy-workbench.js';
import { PolicyQueries, type PolicyAsked } from './read/policy-queries.js';

/** Policies in GraphQL: what is published, and how it changes. */
@Resolver()
export class PoliciesResolver {
  constructor(
    @Inject(PolicyQueries) private readonly policies: PolicyQueries,
    @Inject(PolicyWorkbench) private readonly workbench: PolicyWorkbench,
    @Inject(PublishPolicy) private readonly publication: PublishPolicy,
    @Inject(ShadowPolicy) private readonly shadows: ShadowPolicy,
  ) {}

  @Query('policies')
  @RequireRole('viewer')
  list(@CurrentCaller() caller: Caller, @Args() page: PageArgs & { readonly asOf?: AsOf | null }) {
    return this.policies.list(caller.organisationId, page);
  }

  @Query('policy')
  @RequireRole('viewer')
  one(@CurrentCaller() caller: Caller, @Args() asked: PolicyAsked) {
    return this.policies.find(caller.organisationId, asked);
  }

  @Query('lintPolicy')
  @RequireRole('viewer')
  async lint(@CurrentCaller() caller: Caller, @Args() { document, server }: { readonly document: unknown; readonly server?: string | null }) {
    const linted = await this.workbench.lint(caller.organisationId, documentText(document), server);
    return linted.ok ? { __typename: 'PolicyFindings', findings: linted.value } : refusalMember(linted.refusal);
  }

  @Mutation('publishPolicy')
  @RequireRole('policy_manager')
  async publish(@CurrentCaller() caller: Caller, @Args('input') input: PublishPolicyInput) {
    const text = documentText(input.document);
    const checked = checkDocument(text);
    if (!checked.ok) return policyRejected(checked.refusal);
    const linted = await this.workbench.lint(caller.organisationId, text, input.server);
    if (!linted.ok) return refusalMember(linted.refusal);
    return mutationAnswer('PublishPolicyPayload', await this.publication.publish(input, checked.value, caller), async ({ ids }) => ({
      ...ids,
      findings: linted.value,
      policy: await this.policies.present(caller.organisationId, ids.policyId, ids.version),
    }));
  }

  @Mutation('rollbackPolicy')
  @RequireRole('policy_manager')
  async rollback(@CurrentCaller() caller: Caller, @Args('input') input: RollbackPolicyInput) {
    return mutationAnswer('RollbackPolicyPayload', await this.publication.rollback(input, caller), async ({ ids }) => ({
      ...ids,
      policy: await this.policies.present(caller.organisationId, ids.policyId, ids.version),
    }));
  }

  @Mutation('shadowPolicy')
  @RequireRole('policy_manager')
  async shadow(@CurrentCaller() caller: Caller, @Args('input') input: ShadowPolicyInput) {
    return mutationAnswer('ShadowPolicyPayload', await this.shadows.shadow(input, caller), async ({ ids }) => ({
      ...ids,
      policy: await this.policies.present(caller.organisationId, ids.policyId, ids.version ?? undefined),
    }));
  }

  @Mutation('promotePolicy')
  @RequireRole('policy_manager')
  async promote(@CurrentCaller() caller: Caller, @Args('input') input: PromotePolicyInput) {
    return mutationAnswer('PromotePolicyPayload', await this.shadows.promote(input, caller), async ({ ids }) => ({
      ...ids,
      policy: await this.policies.present(caller.organisationId, ids.policyId, ids.version),
    }));
  }
}
