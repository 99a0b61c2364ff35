import { Inject } from '@nestjs/common';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Committed } from '../../platform/commands/command-runner.js';
import type { Refusal } from '../../platform/commands/refusal.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import type { SinkRefInput } from './commands/sink-ref-input.js';
import { SinkDesk, type CancelReplayInput, type DeskIds, type DiscardInput, type ReplaySinkInput, type ResendInput } from './delivery/sink-desk.js';
import { SinkRunner } from './delivery/sink-runner.js';
import { SinkTrial } from './onboarding/sink-trial.js';
import { SinkQueries } from './read/sink-queries.js';
import { sinkAnswer } from './sink-answer.js';

/** Sinks in GraphQL: what goes out by them. */
@Resolver()
export class SinkDeliveriesResolver {
  constructor(
    @Inject(SinkQueries) private readonly sinks: SinkQueries,
    @Inject(SinkTrial) private readonly trial: SinkTrial,
    @Inject(SinkDesk) private readonly desk: SinkDesk,
    @Inject(SinkRunner) private readonly runner: SinkRunner,
  ) {}

  @Mutation('testSink')
  @RequireRole('admin')
  async test(@CurrentCaller() caller: Caller, @Args('input') input: SinkRefInput) {
    const found = await this.trial.find(input.sink, caller);
    const tried = found.ok ? await this.trial.test(found.value.row, caller) : found;
    if (!tried.ok) return sinkAnswer('TestSinkPayload', tried, () => Promise.resolve({}));
    const { taken, said, advice, sample, preview } = tried.value;
    const sink = await this.sinks.find(caller.organisationId, input.sink);
    const revision = await this.sinks.head(caller.organisationId);
    return { __typename: 'TestSinkPayload', sink, taken, receiver: said, advice, sample: sample === null ? null : JSON.parse(sample), preview, revision, enforcement: null };
  }

  @Mutation('replaySink')
  @RequireRole('admin')
  async replay(@CurrentCaller() caller: Caller, @Args('input') input: ReplaySinkInput) {
    return this.answer('ReplaySinkPayload', await this.desk.replay(input, caller), caller);
  }

  @Mutation('cancelReplay')
  @RequireRole('admin')
  async cancel(@CurrentCaller() caller: Caller, @Args('input') input: CancelReplayInput) {
    return this.answer('CancelReplayPayload', await this.desk.cancel(input, caller), caller);
  }

  @Mutation('resendDeadLetters')
  @RequireRole('admin')
  async resend(@CurrentCaller() caller: Caller, @Args('input') input: ResendInput) {
    return this.answer('ResendDeadLettersPayload', await this.desk.resend(input, caller), caller);
  }

  @Mutation('discardDeadLetters')
  @RequireRole('admin')
  async discard(@CurrentCaller() caller: Caller, @Args('input') input: DiscardInput) {
    return this.answer('DiscardDeadLettersPayload', await this.desk.discard(input, caller), caller);
  }

  private async answer(typename: string, result: Result<Committed<DeskIds>, Refusal>, caller: Caller) {
    if (result.ok) await this.runner.lookNow({ organisationId: caller.organisationId, sinkId: result.value.ids.sinkId });
    return sinkAnswer(typename, result, async ({ ids }) => {
      const { sinkId, replayId, count } = ids;
      return { sink: await this.sinks.present(caller.organisationId, sinkId), replayId, count };
    });
  }
}
