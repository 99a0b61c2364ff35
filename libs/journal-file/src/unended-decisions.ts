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
}

const COMPLETION_FIXED_BYTES = 448;
const MOST_BYTES_PER_CHARACTER = 6;

/** The admitted decisions that still owe a completion, and the room kept for those. */
export class UnendedDecisions {
  private readonly byId = new Map<string, TrackedDecision>();
  private reserved = 0;

  /** Room kept for completions that have not been queued yet, bytes. */
  get reservedBytes(): number {
    return this.reserved;
  }

  get count(): number {
    return this.byId.size;
  }

  /** Begins to track a decision and reserves room for its end. */
  track(decision: UnendedDecision, over: Pick<TrackedDecision, 'isDurable' | 'atMs' | 'isKept'>): TrackedDecision {
    const { decisionId, organisationId } = decision;
    const tracked = { decisionId, organisationId, ...over, reservedBytes: completionBytes(decision), isEnding: false };
    const earlier = this.byId.get(decisionId);
    if (earlier !== undefined) this.drop(earlier);
    this.byId.set(decisionId, tracked);
    this.reserved += tracked.reservedBytes;
    return tracked;
  }

  /** The decision, if its end is still owed; from now on it is on its way. */
  end(decisionId: string): TrackedDecision | null {
    const tracked = this.byId.get(decisionId);
    if (tracked === undefined || tracked.isEnding) return null;
    tracked.isEnding = true;
    this.reserved -= tracked.reservedBytes;
    return tracked;
  }

  /** Stops tracking: the end is in the journal, or the decision was never kept. */
  drop(tracked: TrackedDecision): void {
    if (this.byId.get(tracked.decisionId) !== tracked) return;
    this.byId.delete(tracked.decisionId);
    if (!tracked.isEnding) this.reserved -= tracked.reservedBytes;
  }

  /** Those whose `decided` is in the journal and whose completion is not. */
  kept(): UnendedDecision[] {
    const unended: UnendedDecision[] = [];
    for (const { isKept, decisionId, organisationId } of this.byId.values()) if (isKept) unended.push({ decisionId, organisationId });
    return unended;
  }

  /** Those that were decided before an instant and have not been completed. */
  decidedBefore(atMs: number): TrackedDecision[] {
    return [...this.byId.values()].filter((tracked) => tracked.atMs < atMs && !tracked.isEnding);
  }
}

/** The most a completion of this decision can take up. */
export function completionBytes({ decisionId, organisationId }: UnendedDecision): number {
  return COMPLETION_FIXED_BYTES + MOST_BYTES_PER_CHARACTER * (decisionId.length + organisationId.length);
}
