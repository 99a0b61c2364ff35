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
import { ExplainDecision } from './explain-decision.js';
import { policyRejected, refusalMember } from './policy-refusals.js';
import { PolicyTesting, type TestPolicyInput } from './policy-testing.js';
import { PolicyWorkbench, type DiffPoliciesInput, type TryPolicyInput } from './policy-workbench.js';
import { PolicyQueries, type PolicyAsked } from './read/policy-queries.js';
import { ShadowReport, type ShadowReportAsked } from './shadow-report.js';

/** Policies in GraphQL. */
@Resolver()
export class PoliciesResolver {
  constructor(
    @Inject(PolicyQueries) private readonly policies: PolicyQueries,
    @Inject(PolicyWorkbench) private readonly workbench: PolicyWorkbench,
    @Inject(PublishPolicy) private readonly publication: PublishPolicy,
    @Inject(ShadowPolicy) private readonly shadows: ShadowPolicy,
    @Inject(ShadowReport) private readonly shadowReports: ShadowReport,
    @Inject(ExplainDecision) private readonly explanation: ExplainDecision,
    @Inject(PolicyTesting) private readonly testing: PolicyTesting,
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

  @Query('diffPolicies')
  @RequireRole('viewer')
  diff(@CurrentCaller() caller: Caller, @Args() input: DiffPoliciesInput) {
    return this.workbench.diff(caller.organisationId, input);
  }

  @Query('tryPolicy')
  @RequireRole('viewer')
  try(@CurrentCaller() caller: Caller, @Args('input') input: TryPolicyInput) {
    return this.workbench.try(caller.organisationId, input);
  }

  @Query('explainDecision')
  @RequireRole('viewer')
  explain(@CurrentCaller() caller: Caller, @Args() { id, args }: { readonly id: string; readonly args?: unknown }) {
    return this.explanation.run(caller.organisationId, id, args);
  }

  @Query('shadowReport')
  @RequireRole('viewer')
  shadowReport(@CurrentCaller() caller: Caller, @Args() asked: ShadowReportAsked) {
    return this.shadowReports.run(caller.organisationId, asked);
  }

  @Query('testPolicy')
  @RequireRole('viewer')
  test(@CurrentCaller() caller: Caller, @Args('input') input: TestPolicyInput) {
    return this.testing.test(caller.organisationId, input);
  }

  @Query('importPolicy')
  @RequireRole('viewer')
  import(@Args('text') text: string) {
    return this.testing.import(text);
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
