import type { Result } from '@sallyport/kernel';
import type { DeadLetterState, SinkHealth, SinkPlan, SinkProgress, SinkReplay } from '@sallyport/sinks';

import type { PageArgs, ReadPoint } from '../past/read-point.js';
import { deadLetterPage } from './read/dead-letter-queries.js';
import type { SinkRow } from './read/sink-row.entity.js';
import { formatOf, settingsOf } from './sink-opener.js';

/** What a sink is shown with. */
export interface ShownSink {
  readonly point: ReadPoint;
  /** Holds credentials in the clear, for its kind to speak of it: nothing of it is shown but what the kind says. */
  readonly plan: Result<SinkPlan, string>;
  /** `null` before its export has begun. */
  readonly progress: SinkProgress | null;
  readonly health: () => Promise<SinkHealth | null>;
}

/** A sink's row as GraphQL's `Sink`. How it keeps up is looked up when it is asked for. */
export function sinkToGraphql(row: SinkRow, { point, plan, progress, health }: ShownSink) {
  return {
    id: row.sinkId,
    name: row.name,
    type: row.sinkType,
    status: statusOf(row, progress, plan),
    destination: plan.ok ? plan.value.type.destination(plan.value.configuration) : null,
    guarantee: plan.ok ? plan.value.type.guarantee(plan.value.configuration) : null,
    settings: settingsOf(row),
    credentials: row.credentialNames,
    filter: row.filter,
    format: formatOf(row),
    formatVersion: row.formatVersion,
    afterSeq: row.afterSeq,
    confirmedBy: row.confirmed,
    pause: pauseOf(row, progress, plan),
    health: async () => healthToGraphql(await health(), progress),
    deadLetters: (page: PageArgs & { readonly state?: DeadLetterState | null }) => point.read((rows) => deadLetterPage(rows, row, page)),
    replays: (progress?.replays ?? []).map(replayToGraphql),
    createdAt: row.createdAt,
    revision: row.revision,
    history: (page: PageArgs) => point.history({ kind: 'sink', id: row.sinkId }, page),
  };
}

function statusOf(row: SinkRow, progress: SinkProgress | null, plan: Result<SinkPlan, string>): 'unconfirmed' | 'active' | 'backoff' | 'paused' {
  if (row.confirmed === null) return 'unconfirmed';
  if (row.paused !== null || progress?.state === 'paused' || !plan.ok) return 'paused';
  return progress?.state === 'backoff' ? 'backoff' : 'active';
}

function pauseOf(row: SinkRow, progress: SinkProgress | null, plan: Result<SinkPlan, string>) {
  if (row.paused !== null) return { cause: 'asked', reason: row.paused, advice: 'Resume the sink when it should go on.', since: progress?.state === 'disabled' ? timeOf(progress.stateSinceMs) : null };
  if (!plan.ok) return { cause: 'config', reason: plan.refusal, advice: 'Change the sink, or remove it.', since: null };
  if (progress?.state !== 'paused') return null;
  return { cause: progress.pauseCause ?? 'config', reason: progress.stateReason ?? '', advice: progress.advice, since: timeOf(progress.stateSinceMs) };
}

function healthToGraphql(health: SinkHealth | null, progress: SinkProgress | null) {
  if (health === null) return null;
  const { lagEvents, lagSeconds, oldestUndelivered, eventsPerSecond, lastError, counters } = health;
  return {
    cursor: progress?.cursor ?? 0,
    lagEvents,
    lagSeconds,
    oldestUndelivered: oldestUndelivered?.time ?? null,
    eventsPerSecond,
    lastDeliveredAt: timeOf(health.lastDeliveredAtMs),
    lastError: lastError === null ? null : { class: lastError.class, reason: lastError.reason, at: new Date(lastError.atMs) },
    failures: progress?.failures ?? 0,
    retryAt: health.state === 'backoff' ? timeOf(health.retryAtMs) : null,
    deadLetters: health.waitingDeadLetters,
    delivered: counters.delivered,
    deliveredBytes: counters.deliveredBytes,
    filtered: counters.filtered,
  };
}

function replayToGraphql(replay: SinkReplay) {
  const { replayId, from, to, next, reason, askedBy, askedAtMs, state, eventsPerSecond, delivered, deadLettered } = replay;
  return { id: replayId, fromSeq: from, toSeq: to, nextSeq: next, reason, askedBy, askedAt: new Date(askedAtMs), state, eventsPerSecond, delivered, deadLettered };
}

function timeOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
