import type { SinkProgress } from './sink-progress.js';

type Slices = SinkProgress['recent'];

const SLICE_MS = 10_000;
const SLICES = 6;

/** The slices of time with some more events in the newest. */
export function lately(recent: Slices, events: number, nowMs: number): Slices {
  const startMs = Math.floor(nowMs / SLICE_MS) * SLICE_MS;
  const kept = inWindow(recent, nowMs);
  const newest = kept.at(-1);
  if (newest?.startMs === startMs) return kept.with(-1, { startMs, events: newest.events + events });
  return [...kept, { startMs, events }];
}

/** Events per second over the last minute. */
export function recentRate(recent: Slices, nowMs: number): number {
  const events = inWindow(recent, nowMs).reduce((sum, slice) => sum + slice.events, 0);
  return events / ((SLICES * SLICE_MS) / 1_000);
}

function inWindow(recent: Slices, nowMs: number): Slices {
  return recent.filter(({ startMs }) => startMs <= nowMs && startMs > nowMs - SLICES * SLICE_MS).slice(-SLICES);
}
