import { Inject, Injectable } from '@nestjs/common';
import { ok, refuse, type Brand, type Clock, type JsonObject, type Result, type SinkId } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import { SinkAdministration, type AdministrationRefusal, type DeliveryStore, type SinkPlan } from '@sallyport/sinks';

import { askedCommand } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed } from '../../../platform/commands/command-runner.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationRow } from '../../organisations/read/organisation-row.entity.js';
import type { SinkRefInput } from '../commands/sink-ref-input.js';
import { findSink } from '../read/find-sink.js';
import { SinkPlans } from '../sink-plans.js';
import { sinkRefusals } from '../sink-refusals.js';
import { PostgresDeliveryStore } from './postgres-delivery-store.js';

/** A stretch of the stream to be sent once more. */
export interface ReplaySinkInput extends SinkRefInput {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: string;
  readonly eventsPerSecond?: number | null | undefined;
}
/** A replay to be called off. */
export interface CancelReplayInput extends SinkRefInput {
  readonly replayId: string;
}
/** Dead letters to be sent once more; without places every one that waits. */
export interface ResendInput extends SinkRefInput {
  readonly seqs?: readonly number[] | null | undefined;
}
/** Dead letters to be given up. */
export interface DiscardInput extends SinkRefInput {
  readonly seqs: readonly number[];
  readonly reason?: string | null | undefined;
}

/** What an act was about, and what came of it. */
export type DeskIds = JsonObject & { readonly sinkId: SinkId; readonly replayId: string | null; readonly count: number };

type Answer = Promise<Result<Committed<DeskIds>, Refusal>>;
type Act = (plan: SinkPlan) => Promise<Result<{ readonly replayId: string | null; readonly count: number }, AdministrationRefusal>>;

const REPLAY_EVENTS_PER_SECOND = 1_000;
const MOST_LETTERS = 1_000;
/** Characters of a reason that the stream keeps. */
const MOST_REASON = 280;

/** What admins do to exports that are under way: replays and dead letters. Each act is said in the audit stream; none is a change of the sink. */
@Injectable()
export class SinkDesk {
  private readonly administration: SinkAdministration;
  private readonly store: DeliveryStore;

  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(SinkPlans) private readonly plans: SinkPlans,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.hashes) private readonly hashes: KeyedHashes,
    @Inject(PostgresDeliveryStore) store: PostgresDeliveryStore,
  ) {
    this.store = store;
    this.administration = new SinkAdministration(store, () => ({ nowMs: clock.now(), newId: () => newId<Brand<string, 'Id'>>(clock.now()) }));
  }

  /** Sends a stretch once more. */
  replay(input: ReplaySinkInput, caller: Caller): Answer {
    const { fromSeq: from, toSeq: to, reason } = input;
    const replayId = this.replayIdOf(input, caller);
    const eventsPerSecond = input.eventsPerSecond ?? REPLAY_EVENTS_PER_SECOND;
    return this.act('replaySink', input, caller, async (plan) => {
      const asked = await this.administration.replay(plan, { replayId, from, to, only: null, eventsPerSecond, reason, askedBy: caller.memberId });
      return asked.ok ? ok({ replayId, count: to - from + 1 }) : asked;
    });
  }

  /** Calls a replay off. */
  cancel(input: CancelReplayInput, caller: Caller): Answer {
    const { replayId } = input;
    return this.act('cancelReplay', input, caller, async (plan) => {
      const asked = await this.administration.cancelReplay(plan, replayId);
      return asked.ok ? ok({ replayId, count: 0 }) : asked;
    });
  }

  /** Sends dead letters once more. */
  resend(input: ResendInput, caller: Caller): Answer {
    const replayId = this.replayIdOf(input, caller);
    return this.act('resendDeadLetters', input, caller, async (plan) => {
      const seqs = input.seqs ?? (await this.waiting(plan));
      if (seqs.length === 0) return ok({ replayId: null, count: 0 });
      const asked = await this.administration.resend(plan, { replayId, seqs, reason: 'dead letters', askedBy: caller.memberId });
      return asked.ok ? ok({ replayId, count: new Set(seqs).size }) : asked;
    });
  }

  /** Gives dead letters up. */
  discard(input: DiscardInput, caller: Caller): Answer {
    return this.act('discardDeadLetters', input, caller, async (plan) => {
      const waited = await this.store.waitingDeadLetters(plan);
      const asked = await this.administration.discard(plan, { seqs: input.seqs, askedBy: caller.memberId, reason: (input.reason ?? '').slice(0, MOST_REASON) });
      if (!asked.ok) return asked;
      return ok({ replayId: null, count: waited - (await this.store.waitingDeadLetters(plan)) });
    });
  }

  /** Lets a sink go on that its exporter had stopped, at once and without waiting for its next attempt. */
  async goOn(plan: SinkPlan, caller: Caller): Promise<void> {
    await this.administration.resume(plan, caller.memberId);
  }

  private act(name: string, input: SinkRefInput, caller: Caller, act: Act): Answer {
    return this.runner.run<DeskIds>(askedCommand(name, input, caller), async ({ rows, organisationId }) => {
      const row = await findSink(rows, organisationId, input.sink);
      if (row === null) return refuse(refusalAt(sinkRefusals, { code: 'sink.unknown', pointer: '/sink' }));
      const plan = this.plans.of(row, await rows.findOneByOrFail(OrganisationRow, { organisationId }));
      if (!plan.ok) return refuse({ code: 'sink.cannot_run', message: plan.refusal, pointer: '/sink' });
      const done = await act(plan.value);
      return done.ok ? ok({ ids: { sinkId: row.sinkId, ...done.value } }) : refuse({ code: `sink.${done.refusal.kind}`, message: done.refusal.message });
    });
  }

  private async waiting(plan: SinkPlan): Promise<readonly number[]> {
    const letters = await this.store.deadLetters(plan, { state: 'waiting', afterSeq: 0, limit: MOST_LETTERS });
    return letters.map(({ seq }) => seq);
  }

  /** A repeated request has the id of the first one, also where that one's answer was lost before its key was kept. */
  private replayIdOf({ sink, idempotencyKey }: SinkRefInput, { organisationId, memberId }: Caller): string {
    if (typeof idempotencyKey !== 'string') return newId<Brand<string, 'Id'>>(this.clock.now());
    return this.hashes.digest(organisationId, JSON.stringify(['replay', sink, memberId, idempotencyKey])).slice(0, 32);
  }
}
