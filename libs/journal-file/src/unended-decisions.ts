import type { UnendedDecision } from './position-file.js';

/** An admitted decision until its completion is in the journal. */
export interface TrackedDecision extends UnendedDecision {
  readonly isDurable: boolean;
  readonly atMs: number;
  /** Bytes kept free for its completion. */
  readonly reservedBytes: number;
  /** Whether its `decided` record is in the journal. */
  isKept: boolean;
  /** Whether its completion is on its way to the journal. */
  isEnding: boolean;
  /** Another decision of the same bucket. Only `UnendedDecisions` reads and writes it. */
  next: TrackedDecision | null;
}

const COMPLETION_FIXED_BYTES = 448;
const MOST_BYTES_PER_CHARACTER = 6;
const FIRST_BUCKETS = 1_024;
const HASHED_CHARACTERS = 6;

/**
 * The admitted decisions that still owe a completion, and the room kept for those.
 *
 * A table of its own, not a `Map`: one that every call enters and leaves is rebuilt again and again, and in V8 each dead table points to
 * its successor, so that once one is old, what follows lives until a full collection. Ids end in chance, which is all that is hashed.
 */
export class UnendedDecisions {
  private buckets: (TrackedDecision | null)[] = emptyBuckets(FIRST_BUCKETS);
  private reserved = 0;
  private held = 0;

  /** Room kept for completions that have not been queued yet, bytes. */
  get reservedBytes(): number {
    return this.reserved;
  }

  get count(): number {
    return this.held;
  }

  /** Begins to track a decision and reserves room for its end. */
  track(decision: UnendedDecision, over: Pick<TrackedDecision, 'isDurable' | 'atMs' | 'isKept'>): TrackedDecision {
    const { decisionId, organisationId } = decision;
    const { isDurable, atMs, isKept } = over;
    const earlier = this.find(decisionId);
    if (earlier !== null) this.drop(earlier);
    if (this.held >= this.buckets.length) this.widen();
    const tracked: TrackedDecision = { decisionId, organisationId, isDurable, atMs, isKept, reservedBytes: completionBytes(decision), isEnding: false, next: null };
    this.put(tracked);
    this.held += 1;
    this.reserved += tracked.reservedBytes;
    return tracked;
  }

  /** The decision, if its end is still owed; from now on it is on its way. */
  end(decisionId: string): TrackedDecision | null {
    const tracked = this.find(decisionId);
    if (tracked === null || tracked.isEnding) return null;
    tracked.isEnding = true;
    this.reserved -= tracked.reservedBytes;
    return tracked;
  }

  /** Stops tracking: the end is in the journal, or the decision was never kept. */
  drop(tracked: TrackedDecision): void {
    if (!this.remove(tracked)) return;
    this.held -= 1;
    if (!tracked.isEnding) this.reserved -= tracked.reservedBytes;
  }

  /** Those whose `decided` is in the journal and whose completion is not. */
  kept(): UnendedDecision[] {
    const unended: UnendedDecision[] = [];
    for (const { isKept, decisionId, organisationId } of this.all()) if (isKept) unended.push({ decisionId, organisationId });
    return unended;
  }

  /** Those that were decided before an instant and have not been completed. */
  decidedBefore(atMs: number): TrackedDecision[] {
    return [...this.all()].filter((tracked) => tracked.atMs < atMs && !tracked.isEnding);
  }

  private *all(): Generator<TrackedDecision> {
    for (const first of this.buckets) for (let tracked = first; tracked !== null; tracked = tracked.next) yield tracked;
  }

  private find(decisionId: string): TrackedDecision | null {
    let tracked = this.buckets[this.bucketOf(decisionId)] ?? null;
    while (tracked !== null && tracked.decisionId !== decisionId) tracked = tracked.next;
    return tracked;
  }

  private put(tracked: TrackedDecision): void {
    const bucket = this.bucketOf(tracked.decisionId);
    tracked.next = this.buckets[bucket] ?? null;
    this.buckets[bucket] = tracked;
  }

  private remove(tracked: TrackedDecision): boolean {
    const bucket = this.bucketOf(tracked.decisionId);
    let before: TrackedDecision | null = null;
    for (let other = this.buckets[bucket] ?? null; other !== tracked; other = other.next) {
      if (other === null) return false;
      before = other;
    }
    if (before === null) this.buckets[bucket] = tracked.next;
    else before.next = tracked.next;
    tracked.next = null;
    return true;
  }

  private widen(): void {
    const all = [...this.all()];
    this.buckets = emptyBuckets(this.buckets.length * 4);
    for (const tracked of all) this.put(tracked);
  }

  private bucketOf(decisionId: string): number {
    let hash = 0;
    for (let at = Math.max(0, decisionId.length - HASHED_CHARACTERS); at < decisionId.length; at += 1) hash = (Math.imul(hash, 31) + decisionId.charCodeAt(at)) | 0;
    return hash & (this.buckets.length - 1);
  }
}

function emptyBuckets(count: number): (TrackedDecision | null)[] {
  return new Array<TrackedDecision | null>(count).fill(null);
}

/** The most a completion of this decision can take up. */
export function completionBytes({ decisionId, organisationId }: UnendedDecision): number {
  return COMPLETION_FIXED_BYTES + MOST_BYTES_PER_CHARACTER * (decisionId.length + organisationId.length);
}
