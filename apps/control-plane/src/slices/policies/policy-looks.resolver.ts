import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';

import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { ExplainDecision } from './explain-decision.js';
import type { PolicySourceInput } from './policy-source.js';
import { PolicyTesting, type TestPolicyInput } from './policy-testing.js';
import { PolicyWorkbench, type DiffPoliciesInput, type TryPolicyInput } from './policy-workbench.js';
import { ShadowReport, type ShadowReportAsked } from './shadow-report.js';

/** What can be asked about policies in GraphQL, which changes nothing. */
@Resolver()
export class PolicyLooksResolver {
  constructor(
    @Inject(PolicyWorkbench) private readonly workbench: PolicyWorkbench,
    @Inject(ShadowReport) private readonly shadowReports: ShadowReport,
    @Inject(ExplainDecision) private readonly explanation: ExplainDecision,
    @Inject(PolicyTesting) private readonly testing: PolicyTesting,
  ) {}

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
    return this.explanation.run(caller, id, args);
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

  @Query('exportPolicy')
  @RequireRole('viewer')
  export(@CurrentCaller() caller: Caller, @Args('policy') policy: PolicySourceInput) {
    return this.testing.export(caller.organisationId, policy);
  }
}
