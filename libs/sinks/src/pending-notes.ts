import type { AuditFact } from '@sallyport/audit-event';

import { isAboutExport, noteFact, type FactTools, type NamedSink } from './export-fact.js';
import type { NewDeadLetter } from './delivery-store.js';
import type { PendingNote, SinkProgress } from './sink-progress.js';

/** Notes are said at most this often, so that a receiver that refuses much adds little to the stream. */
export const ANNOUNCE_EVERY_MS = 10_000;

const MOST_NOTES = 20;

/** The notes with another one: joined to one of its kind that it touches, and, when there are many, to any of its kind. */
export function withNote(pending: readonly PendingNote[], note: PendingNote): readonly PendingNote[] {
  const at = pending.findLastIndex((other) => joins(other, note, pending.length >= MOST_NOTES));
  const other = pending[at];
  if (other === undefined) return [...pending, note];
  const joined = { ...note, from: Math.min(other.from, note.from), to: Math.max(other.to, note.to), count: other.count + note.count };
  return pending.with(at, joined);
}

/** The notes with dead letters; each is a gap too where it was not sent in a replay. */
export function withDeadLetters(pending: readonly PendingNote[], letters: readonly NewDeadLetter[], replay: boolean): readonly PendingNote[] {
  let notes = pending;
  for (const { seq, reason } of letters.filter((letter) => !isAboutExport(letter))) {
    const one = { from: seq, to: seq, count: 1, askedBy: null };
    notes = withNote(notes, { kind: 'dead_letter', reason, ...one });
    if (!replay) notes = withNote(notes, { kind: 'gap', reason: 'dead_letter', ...one });
  }
  return notes;
}

/** Whether notes wait, and may be said now: the receiver takes what is sent, and the last ones are long enough ago. */
export function mayAnnounce(progress: SinkProgress, nowMs: number): boolean {
  return progress.pending.length > 0 && progress.state === 'active' && untilAnnounceMs(progress, nowMs) === 0;
}

/** Milliseconds until notes may be said again; a clock that went back counts as long enough. */
export function untilAnnounceMs(progress: SinkProgress, nowMs: number): number {
  const sinceMs = nowMs - (progress.announcedAtMs ?? -Infinity);
  return sinceMs < 0 ? 0 : Math.max(ANNOUNCE_EVERY_MS - sinceMs, 0);
}

/** Says all notes. */
export function announced(sink: NamedSink, progress: SinkProgress, tools: FactTools): { readonly progress: SinkProgress; readonly facts: readonly AuditFact[] } {
  const facts = progress.pending.map((note) => noteFact(sink, note, tools));
  const counters = { ...progress.counters, gapEvents: progress.counters.gapEvents + eventsInGaps(progress.pending) };
  return { progress: { ...progress, counters, pending: [], announcedAtMs: tools.nowMs }, facts };
}

/** How many events lie in the gaps among notes. */
export function eventsInGaps(pending: readonly PendingNote[]): number {
  return pending.reduce((sum, { kind, count }) => sum + (kind === 'gap' ? count : 0), 0);
}

function joins(one: PendingNote, other: PendingNote, crowded: boolean): boolean {
  if (one.kind !== other.kind) return false;
  if (one.kind === 'dead_letter') return true;
  return one.reason === other.reason && one.askedBy === other.askedBy && (crowded || one.to + 1 === other.from);
}
