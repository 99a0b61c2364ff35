import { backOffMs } from './back-off.js';
import type { DeliveryChange, NewDeadLetter } from './delivery-store.js';
import { exportFact, type FactTools } from './export-fact.js';
import { announced, mayAnnounce, withDeadLetters, withNote } from './pending-notes.js';
import { lately } from './recent-rate.js';
import type { SinkPlan } from './sink-plan.js';
import type { SinkError, SinkPauseCause, SinkProgress, SinkReplay } from './sink-progress.js';

/** What is to be written; what is absent is nothing. */
export type DraftChange = Pick<DeliveryChange, 'progress'> & Partial<DeliveryChange>;

/** Makes a write of what is kept now; `null` when nothing has to change. May be asked again when somebody wrote meanwhile. */
export type ProgressStep = (progress: SinkProgress) => DraftChange | null;

/** After failing for so long a sink is paused. */
export const FAILING_PAUSE_MS = 7 * 24 * 60 * 60_000;
/** A receiver that refuses so many events one after the other is asked no more. */
export const REFUSED_PAUSE = 1_000;

/** What the receiver took, and how far the cursor may go with it. */
export interface Acknowledged {
  readonly sent: number;
  readonly cursor: number;
  readonly delivered: number;
  readonly bytes: number;
  readonly filtered: number;
  /** Whether the dead letters were refused with their whole request. */
  readonly asOne: boolean;
  readonly deadLetters: readonly NewDeadLetter[];
}

/** Moves the cursor, with what was delivered and what was refused on the way. */
export function acknowledge(plan: SinkPlan, ack: Acknowledged, tools: FactTools): ProgressStep {
  return (progress) => {
    const letters = ack.deadLetters.filter((letter) => letter.seq > progress.cursor);
    const cursor = Math.max(progress.cursor, ack.cursor);
    const moved = { ...progress, cursor, sent: Math.max(cursor, ack.sent), attemptTo: (progress.attemptTo ?? 0) > cursor ? progress.attemptTo : null };
    const counted = withCounts(moved, { ...ack, deadLetters: letters }, tools.nowMs);
    const noted = { ...counted, pending: withDeadLetters(counted.pending, letters, false) };
    return spoken(plan, refusingPause(plan, { progress: noted, deadLetters: letters, facts: [] }, tools), tools);
  };
}

/** What a replay brought. */
export interface Replayed extends Pick<Acknowledged, 'delivered' | 'bytes' | 'deadLetters' | 'asOne'> {
  readonly replayId: string;
  readonly before: number;
  readonly next: number;
  readonly deliveredSeqs: readonly number[];
}

/** Moves a replay's own cursor; dead letters that arrived wait no longer. */
export function acknowledgeReplay(plan: SinkPlan, ack: Replayed, tools: FactTools): ProgressStep {
  return (progress) => {
    const replay = progress.replays.find((one) => one.replayId === ack.replayId && one.state === 'running' && one.next === ack.before);
    if (replay === undefined) return null;
    const next: SinkReplay = {
      ...replay,
      next: ack.next,
      state: ack.next > replay.to ? 'done' : 'running',
      delivered: replay.delivered + ack.delivered,
      deadLettered: replay.deadLettered + ack.deadLetters.length,
    };
    const counted = withCounts(progress, { ...ack, filtered: 0 }, tools.nowMs);
    const noted: SinkProgress = {
      ...counted,
      counters: { ...counted.counters, replayed: counted.counters.replayed + ack.delivered },
      pending: withDeadLetters(counted.pending, ack.deadLetters, true),
      replays: progress.replays.map((one) => (one === replay ? next : one)),
    };
    const settled = { seqs: ack.deliveredSeqs, state: 'resent', by: replay.askedBy, atMs: tools.nowMs } as const;
    return spoken(plan, refusingPause(plan, { progress: noted, deadLetters: ack.deadLetters, settled, facts: [] }, tools), tools);
  };
}

/** Why an attempt brought nothing. */
export interface Failure {
  readonly class: SinkError['class'];
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
  /** The end of the batch; null in a replay. */
  readonly attemptTo: number | null;
  readonly random: number;
}

/** Backs off; pauses after seven days of it. */
export function fail(plan: SinkPlan, failure: Failure, tools: FactTools): ProgressStep {
  return (progress) => {
    if (progress.state === 'paused' || progress.state === 'disabled') return null;
    const failures = progress.failures + 1;
    const failingSinceMs = Math.min(progress.failingSinceMs ?? tools.nowMs, tools.nowMs);
    const lastError = { class: failure.class, reason: failure.reason, atMs: tools.nowMs };
    const counters = { ...progress.counters, attempts: progress.counters.attempts + 1, failedAttempts: progress.counters.failedAttempts + 1 };
    const failing = { ...progress, failures, failingSinceMs, lastError, counters, sent: progress.cursor, attemptTo: failure.attemptTo ?? progress.attemptTo };
    if (tools.nowMs - failingSinceMs >= FAILING_PAUSE_MS) {
      const advice = 'The receiver took nothing for seven days. Make it reachable, then resume the sink.';
      return paused(plan, failing, { cause: 'failing', reason: failure.reason, advice, askedBy: null }, tools);
    }
    const retryAtMs = tools.nowMs + backOffMs(failures, failure.random, failure.retryAfterMs);
    return { progress: { ...failing, ...inState(progress, 'backoff', tools.nowMs), stateReason: failure.reason, retryAtMs } };
  };
}

/** A pause: who or what caused it, and what to do. */
export interface Pause {
  readonly cause: SinkPauseCause;
  readonly reason: string;
  readonly advice: string;
  readonly askedBy: string | null;
}

/** Sends nothing more before a person acts. */
export function pause(plan: SinkPlan, why: Pause, tools: FactTools): ProgressStep {
  return (progress) => (progress.state === 'paused' || progress.state === 'disabled' ? null : paused(plan, progress, why, tools));
}

/** Goes on with a clean slate, from a pause or from a back-off. @param askedBy The member; null where what was set up says so: it was switched on again, or its settings changed. */
export function resume(plan: SinkPlan, askedBy: string | null, tools: FactTools): ProgressStep {
  return (progress) => {
    if (progress.state === 'active') return null;
    const clean = { ...progress, ...inState(progress, 'active', tools.nowMs), failures: 0, failingSinceMs: null, retryAtMs: null, refusedInARow: 0 };
    if (progress.state === 'backoff') return { progress: clean };
    const cause = progress.state === 'disabled' ? 'an administrator let it go on' : 'its settings changed';
    const said = askedBy === null ? { reason: cause } : { asked_by: askedBy };
    return { progress: clean, facts: [exportFact(plan, 'export.resumed', said, tools)] };
  };
}

/** Switches off what an administrator disabled. */
export function disable(plan: SinkPlan, tools: FactTools): ProgressStep {
  return (progress) => {
    if (progress.state === 'disabled') return null;
    const off = { ...progress, ...inState(progress, 'disabled', tools.nowMs), retryAtMs: null, stateReason: 'an administrator disabled it' };
    return { progress: off, facts: progress.state === 'paused' ? [] : [exportFact(plan, 'export.paused', { reason: 'disabled' }, tools)] };
  };
}

/** Keeps the end of a batch before it is tried, for receivers that know a batch by its ends. */
export function attempting(attemptTo: number): ProgressStep {
  return (progress) => (progress.attemptTo === attemptTo ? null : { progress: { ...progress, attemptTo } });
}

/** Notes what was lost to retention before it could be sent, and goes on after it. @param sent What was sent before. */
export function passRetention(sent: number, oldest: number): ProgressStep {
  return (progress) => {
    const [from, to] = [Math.max(sent, progress.cursor) + 1, oldest - 1];
    if (to < from) return null;
    const pending = withNote(progress.pending, { kind: 'gap', from, to, count: to - from + 1, reason: 'retention', askedBy: null });
    return { progress: { ...progress, cursor: to, sent: Math.max(progress.sent, to), pending } };
  };
}

/** Says what waits to be said, when it may be. */
export function announce(plan: SinkPlan, tools: FactTools): ProgressStep {
  return (progress) => (mayAnnounce(progress, tools.nowMs) ? announced(plan, progress, tools) : null);
}

function paused(plan: SinkPlan, progress: SinkProgress, why: Pause, tools: FactTools): DraftChange {
  const { cause, reason, advice, askedBy } = why;
  const next: SinkProgress = {
    ...progress,
    ...inState(progress, 'paused', tools.nowMs),
    ...{ pauseCause: cause, stateReason: reason, advice, pausedVersion: plan.version, retryAtMs: null, sent: progress.cursor },
    lastError: cause === 'asked' ? progress.lastError : { class: cause, reason, atMs: tools.nowMs },
  };
  return { progress: next, facts: [exportFact(plan, 'export.paused', { reason: `${cause}: ${reason}`, ...(askedBy === null ? {} : { asked_by: askedBy }) }, tools)] };
}

function inState(progress: SinkProgress, state: SinkProgress['state'], nowMs: number): Pick<SinkProgress, 'state' | 'stateSinceMs' | 'pauseCause' | 'stateReason' | 'advice' | 'pausedVersion'> {
  const stateSinceMs = progress.state === state ? progress.stateSinceMs : nowMs;
  return { state, stateSinceMs, pauseCause: null, stateReason: null, advice: null, pausedVersion: null };
}

function withCounts(progress: SinkProgress, ack: Pick<Acknowledged, 'delivered' | 'bytes' | 'filtered' | 'deadLetters' | 'asOne'>, nowMs: number): SinkProgress {
  const { counters } = progress;
  const refused = ack.deadLetters.length;
  const counted: SinkProgress = {
    ...progress,
    counters: {
      ...counters,
      attempts: counters.attempts + (ack.delivered + refused > 0 ? 1 : 0),
      delivered: counters.delivered + ack.delivered,
      deliveredBytes: counters.deliveredBytes + ack.bytes,
      filtered: counters.filtered + ack.filtered,
      deadLettered: counters.deadLettered + refused,
    },
    lastError: refused === 0 ? progress.lastError : { class: ack.asOne ? 'refused' : 'unfit', reason: ack.deadLetters.at(-1)?.reason ?? '', atMs: nowMs },
    refusedInARow: ack.delivered > 0 ? 0 : progress.refusedInARow + (ack.asOne ? 1 : refused),
  };
  if (ack.asOne) return counted;
  if (ack.delivered === 0) return refused === 0 ? counted : { ...counted, ...working(progress, nowMs) };
  return { ...counted, lastDeliveredAtMs: nowMs, recent: lately(progress.recent, ack.delivered, nowMs), ...working(progress, nowMs) };
}

/** What an answer ends: a back-off, and no pause. */
function working(progress: SinkProgress, nowMs: number): Partial<SinkProgress> {
  const answered = { failures: 0, failingSinceMs: null, retryAtMs: null };
  return progress.state === 'backoff' ? { ...answered, ...inState(progress, 'active', nowMs) } : answered;
}

function refusingPause(plan: SinkPlan, draft: DraftChange, tools: FactTools): DraftChange {
  const { progress } = draft;
  if (progress.refusedInARow < REFUSED_PAUSE || progress.state === 'paused' || progress.state === 'disabled') return draft;
  const advice = 'The receiver refuses every event. Look at the dead letters, change the format or the receiver, then resume the sink and resend them.';
  const reason = `${progress.refusedInARow} times in a row it refused: ${progress.lastError?.reason ?? ''}`.slice(0, 300);
  const stopped = paused(plan, progress, { cause: 'refusing', reason, advice, askedBy: null }, tools);
  return { ...draft, ...stopped };
}

function spoken(plan: SinkPlan, draft: DraftChange, tools: FactTools): DraftChange {
  if (!mayAnnounce(draft.progress, tools.nowMs)) return draft;
  const { progress, facts } = announced(plan, draft.progress, tools);
  return { ...draft, progress, facts: [...(draft.facts ?? []), ...facts] };
}
