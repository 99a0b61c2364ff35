import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Committed } from '../../platform/commands/command-runner.js';
import type { Refusal } from '../../platform/commands/refusal.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import type { PageArgs } from '../past/read-point.js';
import { ChangeSinks, type ConfirmSinkInput, type SinkReasonInput } from './commands/change-sinks.js';
import type { SinkIds } from './commands/decide-on-sink.js';
import { SetUpSinks, type AddSinkInput, type ChangeSinkInput } from './commands/set-up-sinks.js';
import { SinkRunner } from './delivery/sink-runner.js';
import { ConfirmSink } from './onboarding/confirm-sink.js';
import { SinkQueries } from './read/sink-queries.js';
import { sinkAnswer } from './sink-answer.js';

/** The sinks of an organisation in GraphQL. */
@Resolver()
export class SinksResolver {
  constructor(
    @Inject(SinkQueries) private readonly sinks: SinkQueries,
    @Inject(SetUpSinks) private readonly setUp: SetUpSinks,
    @Inject(ChangeSinks) private readonly changes: ChangeSinks,
    @Inject(ConfirmSink) private readonly confirmation: ConfirmSink,
    @Inject(SinkRunner) private readonly runner: SinkRunner,
  ) {}

  @Query('sinks')
  @RequireRole('auditor')
  list(@CurrentCaller() caller: Caller, @Args() page: PageArgs) {
    return this.sinks.list(caller.organisationId, page);
  }

  @Query('sink')
  @RequireRole('auditor')
  one(@CurrentCaller() caller: Caller, @Args('sink') sink: string) {
    return this.sinks.find(caller.organisationId, sink);
  }

  @Mutation('addSink')
  @RequireRole('admin')
  async add(@CurrentCaller() caller: Caller, @Args('input') input: AddSinkInput) {
    return this.answer('AddSinkPayload', await this.setUp.add(input, caller), caller);
  }

  @Mutation('changeSink')
  @RequireRole('admin')
  async change(@CurrentCaller() caller: Caller, @Args('input') input: ChangeSinkInput) {
    return this.answer('ChangeSinkPayload', await this.setUp.change(input, caller), caller);
  }

  @Mutation('confirmSink')
  @RequireRole('admin')
  async confirm(@CurrentCaller() caller: Caller, @Args('input') input: ConfirmSinkInput) {
    const step = await this.confirmation.run(input, caller);
    if (!step.ok) return sinkAnswer('ConfirmSinkPayload', step, () => Promise.resolve({}));
    if (step.value.kind === 'confirmed') return this.answer('ConfirmSinkPayload', { ok: true, value: step.value.committed }, caller, { codeSent: false, receiver: null });
    const sink = await this.sinks.find(caller.organisationId, input.sink);
    return { __typename: 'ConfirmSinkPayload', sink, codeSent: true, receiver: step.value.answer.said, revision: await this.sinks.head(caller.organisationId), enforcement: null };
  }

  @Mutation('pauseSink')
  @RequireRole('admin')
  async pause(@CurrentCaller() caller: Caller, @Args('input') input: SinkReasonInput) {
    return this.answer('PauseSinkPayload', await this.changes.pause(input, caller), caller);
  }

  @Mutation('resumeSink')
  @RequireRole('admin')
  async resume(@CurrentCaller() caller: Caller, @Args('input') input: SinkReasonInput) {
    return this.answer('ResumeSinkPayload', await this.changes.resume(input, caller), caller);
  }

  @Mutation('removeSink')
  @RequireRole('admin')
  async remove(@CurrentCaller() caller: Caller, @Args('input') input: SinkReasonInput) {
    const removed = await this.changes.remove(input, caller);
    await this.runner.lookNow();
    return sinkAnswer('RemoveSinkPayload', removed, ({ ids }) => Promise.resolve({ sinkId: ids.sinkId }));
  }

  private async answer(typename: string, result: Result<Committed<SinkIds>, Refusal>, caller: Caller, more: object = {}) {
    if (result.ok) await this.runner.lookNow({ organisationId: caller.organisationId, sinkId: result.value.ids.sinkId });
    return sinkAnswer(typename, result, async ({ ids }) => ({ sink: await this.sinks.present(caller.organisationId, ids.sinkId), ...more }));
  }
}
