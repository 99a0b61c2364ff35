import type { ToolCall } from '../verdict.js';

/** How an earlier call ended. `answered`: with a result. `failed`: with a result that says `isError`. `refused`: the upstream was not reached or answered an error. `running`: it has not ended. */
export const CALL_ENDINGS = ['answered', 'failed', 'refused', 'running'] as const;
/** One of `CALL_ENDINGS`. */
export type CallEnding = (typeof CALL_ENDINGS)[number];

/** Calls that came before the one under test, each decided by the policy: what is denied leaves nothing. */
export interface EarlierCalls {
  readonly call: ToolCall;
  /** How many times, all at the same time. */
  readonly times: number;
  readonly ended: CallEnding;
}

/** What a test wants of the verdict; what is not written is not asked. */
export interface WantedVerdict {
  readonly effect: 'allow' | 'deny';
  readonly rule?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** One test of a policy. */
export interface PolicyTest {
  readonly name: string;
  readonly history: readonly EarlierCalls[];
  readonly call: ToolCall;
  readonly want: WantedVerdict;
}

/** What a policy said of a call, limits and marks of earlier calls included. `reason` is null for an allowed call. */
export interface SeenVerdict {
  readonly effect: 'allow' | 'deny';
  readonly rule: string;
  readonly reason: string | null;
  /** The sentence for the caller; empty for an allowed call. */
  readonly message: string;
}

/** How one test went. `deniedBefore`: how many of its earlier calls were denied, which a test seldom means. */
export interface PolicyTestOutcome {
  readonly name: string;
  readonly passed: boolean;
  readonly want: WantedVerdict;
  readonly seen: SeenVerdict;
  readonly deniedBefore: number;
}
