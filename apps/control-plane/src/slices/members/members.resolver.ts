import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Committed } from '../../platform/commands/command-runner.js';
import type { Refusal } from '../../platform/commands/refusal.js';
import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { ChangeMembers, type AddMemberInput, type ChangeMemberRoleInput, type MemberIds, type RemoveMemberInput } from './commands/change-members.js';
import { MemberQueries } from './read/member-queries.js';

/** Members in GraphQL. */
@Resolver()
export class MembersResolver {
  constructor(
    @Inject(MemberQueries) private readonly members: MemberQueries,
    @Inject(ChangeMembers) private readonly change: ChangeMembers,
  ) {}

  @Query('members')
  @RequireRole('viewer')
  list(@CurrentCaller() caller: Caller, @Args('first') first: number, @Args('after') after?: string) {
    return this.members.list(caller.organisationId, { first, after: after ?? null });
  }

  @Query('member')
  @RequireRole('viewer')
  one(@CurrentCaller() caller: Caller, @Args('id') id: string) {
    return this.members.find(caller.organisationId, id);
  }

  @Mutation('addMember')
  @RequireRole('admin')
  async add(@CurrentCaller() caller: Caller, @Args('input') input: AddMemberInput) {
    return this.answer('AddMemberPayload', await this.change.add(input, caller), caller);
  }

  @Mutation('changeMemberRole')
  @RequireRole('admin')
  async changeRole(@CurrentCaller() caller: Caller, @Args('input') input: ChangeMemberRoleInput) {
    return this.answer('ChangeMemberRolePayload', await this.change.changeRole(input, caller), caller);
  }

  @Mutation('removeMember')
  @RequireRole('admin')
  async remove(@CurrentCaller() caller: Caller, @Args('input') input: RemoveMemberInput) {
    return this.answer('RemoveMemberPayload', await this.change.remove(input, caller), caller);
  }

  private answer(typename: string, result: Result<Committed<MemberIds>, Refusal>, caller: Caller) {
    return mutationAnswer(typename, result, async ({ ids }) => ({ member: await this.members.present(caller.organisationId, ids.memberId) }));
  }
}
