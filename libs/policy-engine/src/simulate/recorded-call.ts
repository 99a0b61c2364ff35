import type { EpochMs, JsonObject } from '@sallyport/kernel';

import type { ToolLabels } from '../verdict.js';

/** How recorded calls ended, and how simulated ones would. */
export const CALL_OUTCOMES = ['allowed', 'denied', 'limited', 'approval_required'] as const;
/** One of `CALL_OUTCOMES`; `allowed` as soon as the policy let it go ahead, whatever became of it then. */
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** What is on record of how a call that went ahead ended. */
export interface RecordedEnd {
  readonly atMs: EpochMs;
  /**
   * `refused`: nothing reached the upstream, or it answered with a protocol error; limits are given back. `failed`: it
   * answered `isError`. `lost`: it cannot be told whether it ran.
   */
  readonly how: 'answered' | 'failed' | 'refused' | 'lost';
}

/**
 * One recorded decision, as far as it was kept. What is `undefined` was not kept, which is not the same as absent: an
 * argument whose name is not in `argumentKeys` was not there, and a client's name of `null` was not given.
 */
export interface RecordedCall {
  readonly decisionId: string;
  readonly atMs: EpochMs;
  /** The tool of `tools/call`; `null` for another method that follows the policy's default. */
  readonly tool: string | null;
  /** Its labels at that time; one object for all calls of one definition. */
  readonly labels?: ToolLabels | undefined;
  readonly server: string;
  readonly identity: {
    readonly id: string;
    readonly kind?: string | undefined;
    readonly name?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly groups?: readonly string[] | undefined;
  };
  readonly grant: { readonly id: string; readonly labels?: Readonly<Record<string, string>> | undefined };
  readonly session: { readonly id: string; readonly calls?: number | undefined };
  readonly clientName: string | null;
  readonly argumentKeys: readonly string[];
  /** The arguments whose values were kept, whole. */
  readonly args?: JsonObject | undefined;
  readonly was: { readonly outcome: CallOutcome; readonly ruleId: string | null; readonly reasonCode: string | null };
  /** Whether it went ahead under an approval that had been given. */
  readonly isApproved?: boolean;
  /** `undefined` for a call that did not go ahead, or of which no end is on record. */
  readonly end?: RecordedEnd | undefined;
}
