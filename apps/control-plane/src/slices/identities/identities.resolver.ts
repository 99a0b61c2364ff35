import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Committed } from '../../platform/commands/command-runner.js';
import type { Refusal } from '../../platform/commands/refusal.js';
import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import type { AsOf } from '../../platform/graphql/scalars.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import type { PageArgs } from '../past/read-point.js';
import { ChangeIdentities, type CreateIdentityInput, type IdentityIds, type IdentityRefInput, type RegroupIdentityInput, type RelabelIdentityInput } from './commands/change-identities.js';
import { IdentityQueries } from './read/identity-queries.js';

/** Identities in GraphQL. */
@Resolver()
export class IdentitiesResolver {
  constructor(
    @Inject(IdentityQueries) private readonly identities: IdentityQueries,
    @Inject(ChangeIdentities) private readonly change: ChangeIdentities,
  ) {}

  @Query('identities')
  @RequireRole('viewer')
  list(@CurrentCaller() caller: Caller, @Args() page: PageArgs & { readonly asOf?: AsOf | null }) {
    return this.identities.list(caller.organisationId, page);
  }

  @Query('identity')
  @RequireRole('viewer')
  one(@CurrentCaller() caller: Caller, @Args() { identity, asOf }: { readonly identity: string; readonly asOf?: AsOf | null }) {
    return this.identities.find(caller.organisationId, identity, asOf ?? null);
  }

  @Mutation('createIdentity')
  @RequireRole('policy_manager')
  async create(@CurrentCaller() caller: Caller, @Args('input') input: CreateIdentityInput) {
    return this.answer('CreateIdentityPayload', await this.change.create(input, caller), caller);
  }

  @Mutation('relabelIdentity')
  @RequireRole('policy_manager')
  async relabel(@CurrentCaller() caller: Caller, @Args('input') input: RelabelIdentityInput) {
    return this.answer('RelabelIdentityPayload', await this.change.relabel(input, caller), caller);
  }

  @Mutation('regroupIdentity')
  @RequireRole('policy_manager')
  async regroup(@CurrentCaller() caller: Caller, @Args('input') input: RegroupIdentityInput) {
    return this.answer('RegroupIdentityPayload', await this.change.regroup(input, caller), caller);
  }

  @Mutation('disableIdentity')
  @RequireRole('policy_manager')
  async disable(@CurrentCaller() caller: Caller, @Args('input') input: IdentityRefInput) {
    return this.answer('DisableIdentityPayload', await this.change.disable(input, caller), caller);
  }

  @Mutation('enableIdentity')
  @RequireRole('policy_manager')
  async enable(@CurrentCaller() caller: Caller, @Args('input') input: IdentityRefInput) {
    return this.answer('EnableIdentityPayload', await this.change.enable(input, caller), caller);
  }

  private answer(typename: string, result: Result<Committed<IdentityIds>, Refusal>, caller: Caller) {
    return mutationAnswer(typename, result, async ({ ids }) => ({ identity: await this.identities.present(caller.organisationId, ids.identityId) }));
  }
}
