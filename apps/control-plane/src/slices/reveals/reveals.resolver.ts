import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Committed } from '../../platform/commands/command-runner.js';
import type { Refusal } from '../../platform/commands/refusal.js';
import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { ChangeReveals, type ConfirmRevealInput, type RefuseRevealInput, type RequestRevealInput } from './commands/change-reveals.js';
import type { RevealIds } from './commands/decide-on-reveal.js';
import { ReadReveal, type ReadRevealInput } from './commands/read-reveal.js';
import { RevealQueries, type RevealPage } from './read/reveal-queries.js';

/** Reveals in GraphQL. */
@Resolver()
export class RevealsResolver {
  constructor(
    @Inject(RevealQueries) private readonly reveals: RevealQueries,
    @Inject(ChangeReveals) private readonly change: ChangeReveals,
    @Inject(ReadReveal) private readonly reading: ReadReveal,
  ) {}

  @Query('reveals')
  @RequireRole('auditor')
  list(@CurrentCaller() caller: Caller, @Args() page: RevealPage) {
    return this.reveals.list(caller.organisationId, page);
  }

  @Query('reveal')
  @RequireRole('auditor')
  one(@CurrentCaller() caller: Caller, @Args('id') id: string) {
    return this.reveals.find(caller.organisationId, id);
  }

  @Mutation('requestReveal')
  @RequireRole('auditor')
  async request(@CurrentCaller() caller: Caller, @Args('input') input: RequestRevealInput) {
    return this.answer('RequestRevealPayload', await this.change.request(input, caller), caller);
  }

  @Mutation('confirmReveal')
  @RequireRole('auditor')
  async confirm(@CurrentCaller() caller: Caller, @Args('input') input: ConfirmRevealInput) {
    return this.answer('ConfirmRevealPayload', await this.change.confirm(input, caller), caller);
  }

  @Mutation('refuseReveal')
  @RequireRole('auditor')
  async refuse(@CurrentCaller() caller: Caller, @Args('input') input: RefuseRevealInput) {
    return this.answer('RefuseRevealPayload', await this.change.refuse(input, caller), caller);
  }

  @Mutation('readReveal')
  @RequireRole('auditor')
  async read(@CurrentCaller() caller: Caller, @Args('input') input: ReadRevealInput) {
    return mutationAnswer('ReadRevealPayload', await this.reading.run(input, caller), async ({ ids, secret }) => ({
      reveal: await this.reveals.present(caller.organisationId, ids.revealId),
      level: ids.level,
      arguments: secret,
    }));
  }

  private answer(typename: string, result: Result<Committed<RevealIds>, Refusal>, { organisationId }: Caller) {
    return mutationAnswer(typename, result, async ({ ids }) => ({ reveal: await this.reveals.present(organisationId, ids.revealId) }));
  }
}
