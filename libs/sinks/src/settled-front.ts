import type { SettledFront } from './batch-flight.js';
import type { NewDeadLetter } from './delivery-store.js';

/** The dead letters of what was settled. */
export function lettersOf({ refused }: SettledFront, atMs: number): readonly NewDeadLetter[] {
  return refused.map(({ event: { stored }, reason }) => ({ seq: stored.seq, eventId: stored.eventId, type: stored.type, reason: reason.slice(0, 300), atMs }));
}

/** How much of it was delivered. */
export function sizesOf({ delivered }: SettledFront): { readonly delivered: number; readonly bytes: number } {
  return { delivered: delivered.length, bytes: delivered.reduce((sum, event) => sum + event.bytes, 0) };
}
