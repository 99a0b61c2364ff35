import type { Degradation, Journal } from '@sallyport/audit';
import type { Clock } from '@sallyport/kernel';

import type { WorkerNotes } from './worker-notes.js';

/** The journal counts as near full from this share of its bound on; notes still have room there. */
const NEAR_FULL = 0.6;
/** And as well again below this. */
const WELL = 0.5;
/** Refusals and losses are told at most so often, milliseconds. */
const TELL_EVERY_MS = 60_000;

/** Notes when the journal is near its bound, refuses decisions or gives notes up, and when it is well again. What cannot be noted now is noted when there is room. */
export class JournalWatch {
  private isNearFull = false;
  private isIll = false;
  private toldRefused = 0;
  private toldDropped = 0;
  private lastDropped = 0;
  private lastRefused = 0;
  private toldAtMs = -TELL_EVERY_MS;

  constructor(
    private readonly journal: Journal,
    private readonly notes: WorkerNotes,
    private readonly clock: Clock,
  ) {}

  /** Looks once; called again and again. */
  look(): void {
    const { fullShare, refusedDecisions, droppedNotes } = this.journal.condition();
    const isQuiet = refusedDecisions === this.lastRefused && droppedNotes === this.lastDropped;
    this.lastRefused = refusedDecisions;
    if (fullShare >= NEAR_FULL && !this.isNearFull && this.tell('near_full', 0)) this.isNearFull = this.isIll = true;
    if (fullShare < WELL) this.isNearFull = false;
    this.tellCounts(refusedDecisions, droppedNotes);
    const hasToldAll = this.toldRefused === refusedDecisions && this.toldDropped === droppedNotes;
    if (this.isIll && isQuiet && hasToldAll && fullShare < WELL && this.tell('recovered', 0)) this.isIll = false;
    this.lastDropped = this.journal.condition().droppedNotes;
  }

  private tellCounts(refused: number, dropped: number): void {
    const now = this.clock.monotonicMs();
    if (now - this.toldAtMs < TELL_EVERY_MS || (refused === this.toldRefused && dropped === this.toldDropped)) return;
    if (refused > this.toldRefused && this.tell('refused', refused - this.toldRefused)) this.toldRefused = refused;
    if (dropped > this.toldDropped && this.tell('notes_dropped', dropped - this.toldDropped)) this.toldDropped = dropped;
    if (this.toldRefused !== refused || this.toldDropped !== dropped) return;
    this.isIll = true;
    this.toldAtMs = now;
  }

  /** Whether it was taken. One that was not is itself a note given up, which is not told. */
  private tell(reason: Degradation, count: number): boolean {
    const { fullShare, droppedNotes } = this.journal.condition();
    this.notes.note(null, { kind: 'auditDegraded', reason, count, fullPercent: Math.round(fullShare * 100) });
    const lost = this.journal.condition().droppedNotes - droppedNotes;
    this.toldDropped += lost;
    return lost === 0;
  }
}
