import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';

import type { Committed } from '../../platform/commands/command-runner.js';
import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import type { AsOf } from '../../platform/graphql/scalars.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { ChangeGrants, type AttachPolicyInput, type RevokeGrantInput, type RotateGrantTokenInput } from './commands/change-grants.js';
import type { GrantIds } from './commands/decide-on-grant.js';
import { IssueGrant, type IssueGrantInput } from './commands/issue-grant.js';
import { GrantQueries, type GrantsAsked } from './read/grant-queries.js';

/** Grants in GraphQL. */
@Resolver()
export class GrantsResolver {
  constructor(
    @Inject(GrantQueries) private readonly grants: GrantQueries,
    @Inject(IssueGrant) private readonly issuing: IssueGrant,
    @Inject(ChangeGrants) private readonly change: ChangeGrants,
  ) {}

  @Query('grants')
  @RequireRole('viewer')
  list(@CurrentCaller() caller: Caller, @Args() asked: GrantsAsked) {
    return this.grants.list(caller.organisationId, asked);
  }

  @Query('grant')
  @RequireRole('viewer')
  one(@CurrentCaller() caller: Caller, @Args() { id, asOf }: { readonly id: string; readonly asOf?: AsOf | null }) {
    return this.grants.find(caller.organisationId, id, asOf ?? null);
  }

  @Mutation('issueGrant')
  @RequireRole('policy_manager')
  async issue(@CurrentCaller() caller: Caller, @Args('input') input: IssueGrantInput) {
    return mutationAnswer('IssueGrantPayload', await this.issuing.run(input, caller), (done) => this.withToken(done, caller));
  }

  @Mutation('rotateGrantToken')
  @RequireRole('policy_manager')
  async rotate(@CurrentCaller() caller: Caller, @Args('input') input: RotateGrantTokenInput) {
    return mutationAnswer('RotateGrantTokenPayload', await this.change.rotate(input, caller), async (done) => ({
      ...(await this.withToken(done, caller)),
      previousValidUntil: done.ids.previousValidUntil,
    }));
  }

  @Mutation('revokeGrant')
  @RequireRole('policy_manager')
  async revoke(@CurrentCaller() caller: Caller, @Args('input') input: RevokeGrantInput) {
    return mutationAnswer('RevokeGrantPayload', await this.change.revoke(input, caller), (done) => this.shown(done, caller));
  }

  @Mutation('attachPolicy')
  @RequireRole('policy_manager')
  async attach(@CurrentCaller() caller: Caller, @Args('input') input: AttachPolicyInput) {
    return mutationAnswer('AttachPolicyPayload', await this.change.attach(input, caller), (done) => this.shown(done, caller));
  }

  private async shown({ ids: { grantId } }: Committed<GrantIds>, caller: Caller) {
    return { grantId, grant: await this.grants.present(caller.organisationId, grantId) };
  }

  private async withToken(done: Committed<GrantIds>, caller: Caller) {
    const shown = await this.shown(done, caller);
    return { ...shown, token: done.secret, url: shown.grant.url };
  }
}
