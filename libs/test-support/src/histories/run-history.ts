/**
 * What was seen of a run of a deployment, as plain data. All times are milliseconds of one monotonic clock, the observer's: what a
 * check says "after" of began after the other had ended on that clock.
 */
export interface RunHistory {
  readonly calls: readonly CallSeen[];
  readonly revocations: readonly RevocationSeen[];
  /** In the order in which they came. */
  readonly reports: readonly ReportSeen[];
  /** While a worker could hear nothing of the control plane. */
  readonly cutOffs: readonly CutOffSeen[];
  readonly audit: readonly AuditSeen[];
  /** Holes that the product itself names. */
  readonly holes: readonly HoleSeen[];
  readonly hardLimits: readonly HardLimit[];
  readonly replays: readonly ReplaySeen[];
}

/** One call at a worker. */
export interface CallSeen {
  readonly worker: string;
  readonly grant: string;
  readonly organisation: string;
  readonly beganMs: number;
  readonly endedMs: number;
  /** `allowed`, or why not. */
  readonly verdict: string;
  /** What it must be, of a call that nothing under way concerns; null where anything may be right. */
  readonly expected: string | null;
}

/** A revocation, and its answer. */
export interface RevocationSeen {
  readonly grant: string;
  readonly askedMs: number;
  readonly answeredMs: number;
  /** Whether it was answered as enforced everywhere. */
  readonly enforced: boolean;
}

/** What a worker said of itself. */
export interface ReportSeen {
  readonly seenMs: number;
  readonly workerId: string;
  readonly incarnation: string;
  readonly sequence: number;
  readonly state: string;
  readonly position: number;
  readonly stampAgeMs: number | null;
  readonly applied: readonly { readonly organisationId: string; readonly revision: number; readonly stateHash: string | null }[];
  readonly nacks: readonly { readonly organisationId: string; readonly code: string }[];
  readonly refusedRecords: readonly { readonly code: string; readonly count: number }[];
}

/** A time in which nothing of the control plane reached a worker. */
export interface CutOffSeen {
  readonly worker: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A decision's record where it is stored for good. */
export interface AuditSeen {
  readonly incarnation: string;
  /** 1, 2, 3 in its incarnation. */
  readonly sequence: number;
}

/** Records that are missing and said to be, both ends included. */
export interface HoleSeen {
  readonly incarnation: string;
  readonly from: number;
  readonly to: number;
}

/** How many calls of a grant may be allowed in all of the run. */
export interface HardLimit {
  readonly grant: string;
  readonly max: number;
}

/** A table's contents before and after it was filled again from the events alone. */
export interface ReplaySeen {
  readonly table: string;
  readonly before: string;
  readonly after: string;
}

/** A history of nothing, to be filled in. */
export const EMPTY_HISTORY: RunHistory = { calls: [], revocations: [], reports: [], cutOffs: [], audit: [], holes: [], hardLimits: [], replays: [] };
