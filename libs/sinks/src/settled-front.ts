import type { SettledFront } from './batch-flight.js';
import type { NewDeadLetter } from './delivery-store.js';

/** The dead letters of what was settled. */
export function lettersOf({ refused }: SettledFront, atMs: number): readonly NewDeadLetter[] {
  return refused.map(({ event: { stored }, reason }) => ({ seq: stored.seq, eventId: stored.eventId, type: stored.type, reason: reason.slice(0, 300), atMs }));
}

/** Whether it was refused with its whole request, which tells of the receiver and not of the events. */
export function isRefusedAsOne({ delivered, refused }: SettledFront): boolean {
  return delivered.length === 0 && refused.length > 0 && refused.every(({ asOne }) => asOne);
}

/** How much of it was delivered. */
export function sizesOf({ delivered }: SettledFront): { readonly delivered: number; readonly bytes: number } {
  return { delivered: delivered.length, bytes: delivered.reduce((sum, event) => sum + event.bytes, 0) };
}
