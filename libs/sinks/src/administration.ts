import { ok, refuse, type Result } from '@sallyport/kernel';

import type { DeliveryStore } from './delivery-store.js';
import { exportFact, type FactTools } from './export-fact.js';
import { withNote } from './pending-notes.js';
import { pause, resume, type DraftChange, type ProgressStep } from './progress-steps.js';
import type { SinkPlan } from './sink-plan.js';
import type { SinkProgress, SinkReplay } from './sink-progress.js';

/** Why what a person asked for cannot be done, in words for them. */
export interface AdministrationRefusal {
  readonly kind: 'not_started' | 'bad_range' | 'too_many' | 'not_found' | 'busy';
  readonly message: string;
}

/** A replay that a member asks for. */
export interface ReplayWish {
  readonly replayId: string;
  readonly from: number;
  readonly to: number;
  readonly only: readonly number[] | null;
  /** From 1 to 10,000. */
  readonly eventsPerSecond: number;
  readonly reason: string;
  readonly askedBy: string;
}

type Asked = (progress: SinkProgress) => Result<DraftChange | null, AdministrationRefusal>;

const MOST_RUNNING = 8;
const MOST_KEPT = 32;
const MOST_LETTERS = 1_000;
const TRIES = 20;

/** What members do to a sink's export, from whichever process they ask: it is written beside the exporter, who finds it and goes by it. */
export class SinkAdministration {
  /** @param tools Gives the time and ids of each act. */
  constructor(
    private readonly store: DeliveryStore,
    private readonly tools: () => FactTools,
  ) {}

  /** Stops sending until somebody resumes it. */
  pause(plan: SinkPlan, by: { readonly askedBy: string; readonly reason: string }): Promise<Result<SinkProgress, AdministrationRefusal>> {
    const advice = 'Resume the sink when it should go on.';
    return this.apply(plan, agreed(pause(plan, { cause: 'asked', reason: by.reason, advice, askedBy: by.askedBy }, this.tools())));
  }

  /** Goes on at once, out of a pause or a back-off. A sink that is disabled stays so. */
  resume(plan: SinkPlan, askedBy: string): Promise<Result<SinkProgress, AdministrationRefusal>> {
    return this.apply(plan, (progress) => ok(progress.state === 'disabled' ? null : resume(plan, askedBy, this.tools())(progress)));
  }

  /** Leaves out everything up to a `seq`, which is said in the stream as a gap. */
  skip(plan: SinkPlan, wish: { readonly to: number; readonly newest: number; readonly askedBy: string }): Promise<Result<SinkProgress, AdministrationRefusal>> {
    const { to, newest, askedBy } = wish;
    return this.apply(plan, (progress) => {
      const from = progress.cursor + 1;
      if (!Number.isSafeInteger(to) || to < from || to > newest) return refuse({ kind: 'bad_range', message: `Name a number from ${from} to ${newest}: what is skipped ends there.` });
      const pending = withNote(progress.pending, { kind: 'gap', from, to, count: to - from + 1, reason: 'skipped', askedBy });
      return ok({ progress: { ...progress, cursor: to, sent: Math.max(progress.sent, to), attemptTo: null, pending } });
    });
  }

  /** Sends a range, or some dead letters, once more. Asking again with the same id changes nothing. */
  replay(plan: SinkPlan, wish: ReplayWish): Promise<Result<SinkProgress, AdministrationRefusal>> {
    return this.apply(plan, (progress) => this.withReplay(plan, progress, wish));
  }

  /** Sends dead letters once more, whatever the filter says by now. */
  resend(plan: SinkPlan, wish: Pick<ReplayWish, 'replayId' | 'reason' | 'askedBy'> & { readonly seqs: readonly number[] }): Promise<Result<SinkProgress, AdministrationRefusal>> {
    const only = [...new Set(wish.seqs)].sort((one, other) => one - other);
    const { replayId, reason, askedBy } = wish;
    return this.replay(plan, { replayId, reason, askedBy, only, from: only[0] ?? 0, to: only.at(-1) ?? 0, eventsPerSecond: 100 });
  }

  /** Ends a replay where it is. */
  cancelReplay(plan: SinkPlan, replayId: string): Promise<Result<SinkProgress, AdministrationRefusal>> {
    return this.apply(plan, (progress) => {
      const replay = progress.replays.find((one) => one.replayId === replayId);
      if (replay === undefined) return refuse({ kind: 'not_found', message: 'There is no such replay.' });
      if (replay.state !== 'running') return ok(null);
      return ok({ progress: { ...progress, replays: progress.replays.map((one) => (one === replay ? { ...one, state: 'cancelled' } : one)) } });
    });
  }

  /** Settles dead letters that will not be sent, and says in the stream who gave them up and why. Those that do not wait are left alone. */
  async discard(plan: SinkPlan, wish: { readonly seqs: readonly number[]; readonly askedBy: string; readonly reason: string }): Promise<Result<SinkProgress, AdministrationRefusal>> {
    const { askedBy, reason } = wish;
    if (wish.seqs.length > MOST_LETTERS) return refuse({ kind: 'too_many', message: `Name at most ${MOST_LETTERS} dead letters at once.` });
    const seqs = await this.waitingOf(plan, wish.seqs);
    return this.apply(plan, (progress) => {
      if (seqs.length === 0) return ok(null);
      const said = { from_seq: seqs[0] ?? 0, to_seq: seqs.at(-1) ?? 0, count: seqs.length, reason: reason === '' ? 'given up' : `given up: ${reason}`, asked_by: askedBy };
      const settled = { seqs, state: 'discarded', by: askedBy, atMs: this.tools().nowMs } as const;
      return ok({ progress, settled, facts: [exportFact(plan, 'export.dead_letter', said, this.tools())] });
    });
  }

  /** Which of them wait, in order. */
  private async waitingOf(plan: SinkPlan, seqs: readonly number[]): Promise<readonly number[]> {
    const [asked, last] = [new Set(seqs), Math.max(...seqs, 0)];
    const found: number[] = [];
    for (let afterSeq = Math.min(...seqs, last) - 1; afterSeq < last; ) {
      const page = await this.store.deadLetters(plan, { state: 'waiting', afterSeq, limit: MOST_LETTERS });
      found.push(...page.flatMap(({ seq }) => (asked.has(seq) ? [seq] : [])));
      afterSeq = page.length < MOST_LETTERS ? last : (page.at(-1)?.seq ?? last);
    }
    return found;
  }

  private withReplay(plan: SinkPlan, progress: SinkProgress, wish: ReplayWish): Result<DraftChange | null, AdministrationRefusal> {
    if (progress.replays.some((one) => one.replayId === wish.replayId)) return ok(null);
    const problem = problemOf(progress, wish);
    if (problem !== null) return refuse(problem);
    const { nowMs } = this.tools();
    const replay: SinkReplay = { ...wish, next: wish.from, askedAtMs: nowMs, state: 'running', delivered: 0, deadLettered: 0 };
    const over = progress.replays.filter((one) => one.state !== 'running');
    const replays = [...over.slice(-(MOST_KEPT - MOST_RUNNING)), ...progress.replays.filter((one) => one.state === 'running'), replay];
    const count = wish.only?.length ?? wish.to - wish.from + 1;
    const said = { from_seq: wish.from, to_seq: wish.to, count, reason: wish.reason, asked_by: wish.askedBy };
    return ok({ progress: { ...progress, replays }, facts: [exportFact(plan, 'export.replay', said, this.tools())] });
  }

  private async apply(plan: SinkPlan, asked: Asked): Promise<Result<SinkProgress, AdministrationRefusal>> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const progress = await this.store.load(plan);
      if (progress === null) return refuse({ kind: 'not_started', message: 'The sink has not begun yet. Try again in a moment.' });
      const draft = asked(progress);
      if (!draft.ok) return draft;
      if (draft.value === null) return ok(progress);
      const next = { ...draft.value.progress, revision: progress.revision + 1, writeId: this.tools().newId() };
      const { deadLetters = [], settled = null, facts = [] } = draft.value;
      if ((await this.store.commit(plan, null, { progress: next, deadLetters, settled, facts })).ok) return ok(next);
    }
    return refuse({ kind: 'busy', message: 'The sink is being written all the time. Try again in a moment.' });
  }
}

function agreed(step: ProgressStep): Asked {
  return (progress) => ok(step(progress));
}

/** A replay reaches what was sent already, and no further: the rest goes out by itself. */
function problemOf(progress: SinkProgress, { from, to, only, eventsPerSecond }: ReplayWish): AdministrationRefusal | null {
  const whole = [from, to, ...(only ?? [])].every((seq) => Number.isSafeInteger(seq) && seq >= 1);
  if (!whole || to < from || to > progress.cursor) return { kind: 'bad_range', message: `Name a range from 1 to ${progress.cursor}, which is how far the sink has come.` };
  if (!(eventsPerSecond >= 1 && eventsPerSecond <= 10_000)) return { kind: 'bad_range', message: 'Name a rate from 1 to 10000 events per second.' };
  if (only !== null && only.length > MOST_LETTERS) return { kind: 'too_many', message: `Name at most ${MOST_LETTERS} dead letters at once.` };
  const running = progress.replays.filter((one) => one.state === 'running').length;
  return running >= MOST_RUNNING ? { kind: 'too_many', message: `${running} replays run already. Wait for one to end, or cancel one.` } : null;
}
