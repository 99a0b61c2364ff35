import type { WorkerStatus } from '@sallyport/event-log';

import type { GatewayCore } from './gateway-core.js';
import { SKEW_LIMIT_MS, STALE_AFTER_MS } from './snapshot/freshness.js';

/** What this worker says of itself to the control plane. */
export function statusOfWorker(core: GatewayCore, workerId: string): WorkerStatus {
  return { workerId, ...standingOf(core), applied: core.store.applied() };
}

/** Whether this worker decides calls, and how old its newest stamp is. */
export function standingOf(core: GatewayCore): Pick<WorkerStatus, 'state' | 'stampAgeMs'> {
  return { state: stateOf(core), stampAgeMs: stampAgeMs(core) };
}

/** Milliseconds since the newest stamp's own time; `null` before the first. */
export function stampAgeMs(core: GatewayCore): number | null {
  const { stamp } = core.store;
  return stamp === null ? null : core.books.clock.now() - stamp.committedBefore;
}

/** What keeps this worker from taking traffic, in words for an operator. Organisations refused for an event are named: the others are served. */
export function whatIsMissing(core: GatewayCore): readonly string[] {
  const missing: string[] = [];
  if (core.isClosing()) missing.push('the gateway is stopping');
  if (!core.follower.caughtUp) missing.push('the event log has not been read to its end');
  else if (isStale(core)) missing.push('no recent stamp of the event log');
  if (core.isJournalBroken()) missing.push('the decision journal is broken');
  return missing;
}

function stateOf(core: GatewayCore): WorkerStatus['state'] {
  if (core.isClosing()) return 'stopped';
  if (!core.follower.caughtUp) return 'starting';
  return isStale(core) ? 'stale' : 'ready';
}

function isStale(core: GatewayCore): boolean {
  const ageMs = stampAgeMs(core);
  return ageMs === null || ageMs > STALE_AFTER_MS || ageMs < -SKEW_LIMIT_MS;
}
