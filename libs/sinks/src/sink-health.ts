import type { DeliveryStore } from './delivery-store.js';
import type { EventSource } from './event-source.js';
import { recentRate } from './recent-rate.js';
import type { SinkPlan } from './sink-plan.js';
import type { SinkCounters, SinkError, SinkPauseCause, SinkProgress, SinkReplay, SinkStateName } from './sink-progress.js';

/** How a sink is doing, for people and for metrics. */
export interface SinkHealth {
  readonly state: SinkStateName;
  readonly pauseCause: SinkPauseCause | null;
  readonly stateReason: string | null;
  readonly advice: string | null;
  /** Events of the stream that were not sent yet, those included that the filter will keep back. */
  readonly lagEvents: number;
  /** Age of the oldest of them, seconds; 0 when there is none. */
  readonly lagSeconds: number;
  readonly oldestUndelivered: { readonly seq: number; readonly time: string } | null;
  /** Events per second over the last minute. */
  readonly eventsPerSecond: number;
  readonly lastDeliveredAtMs: number | null;
  readonly failingSinceMs: number | null;
  readonly retryAtMs: number | null;
  readonly lastError: SinkError | null;
  /** Dead letters that wait for a person. */
  readonly waitingDeadLetters: number;
  readonly counters: SinkCounters;
  readonly replays: readonly SinkReplay[];
  readonly destination: string;
  /** What the sink really promises. */
  readonly guarantee: string;
}

/** What health is told from. */
export interface HealthFacts {
  readonly progress: SinkProgress;
  /** The newest `seq` of the stream. */
  readonly newest: number;
  readonly oldestUndelivered: { readonly seq: number; readonly time: string } | null;
  readonly waitingDeadLetters: number;
  readonly nowMs: number;
}

/** Tells the health of a sink from what is known of it. */
export function sinkHealth(plan: SinkPlan, facts: HealthFacts): SinkHealth {
  const { progress, newest, oldestUndelivered, nowMs } = facts;
  const { state, pauseCause, stateReason, advice, lastDeliveredAtMs, failingSinceMs, retryAtMs, lastError, counters, replays } = progress;
  return {
    ...{ state, pauseCause, stateReason, advice, lastDeliveredAtMs, failingSinceMs, retryAtMs, lastError, counters, replays },
    lagEvents: Math.max(newest - sentUpTo(progress), 0),
    lagSeconds: oldestUndelivered === null ? 0 : Math.max((nowMs - Date.parse(oldestUndelivered.time)) / 1_000, 0),
    oldestUndelivered,
    eventsPerSecond: recentRate(progress.recent, nowMs),
    waitingDeadLetters: facts.waitingDeadLetters,
    destination: plan.type.destination(plan.configuration),
    guarantee: plan.type.guarantee(plan.configuration),
  };
}

/** Asks the store and the stream, and tells the health of a sink; null for one that has not begun. @throws {Fault} when either does not answer. */
export async function readSinkHealth(plan: SinkPlan, from: { readonly store: DeliveryStore; readonly source: EventSource; readonly nowMs: number }): Promise<SinkHealth | null> {
  const progress = await from.store.load(plan);
  if (progress === null) return null;
  const [page, waitingDeadLetters] = await Promise.all([
    from.source.read(plan.stream, sentUpTo(progress), { maxEvents: 1, maxBytes: 1 }),
    from.store.waitingDeadLetters(plan),
  ]);
  const [first] = page.events;
  const oldestUndelivered = first === undefined ? null : { seq: first.seq, time: first.time };
  return sinkHealth(plan, { progress, newest: page.newest, oldestUndelivered, waitingDeadLetters, nowMs: from.nowMs });
}

function sentUpTo({ cursor, sent }: SinkProgress): number {
  return Math.max(cursor, sent);
}
