import type { ReasonCode } from '@sallyport/audit';
import type { ApprovalTerms, FlowMark, LimitAsk, PlacedResponse } from '@sallyport/policy-engine';

/** The call may go upstream once its limits are reserved and its record is kept. */
export interface Admission {
  readonly effect: 'allow';
  readonly ruleId: string;
  readonly asks: readonly LimitAsk[];
  /** The policy's rules about the answer. */
  readonly responses: readonly PlacedResponse[];
  /** What the identity bears once the call has been answered. */
  readonly marks: readonly FlowMark[];
}

/**
 * The call does not go upstream. `reasonCode` and `ruleId` are the real ones, for the record; `shown` is what the caller may
 * learn: its own rule, or no more than that nothing allows the name.
 */
export interface Denial {
  readonly effect: 'deny';
  readonly outcome: 'denied' | 'limited' | 'approval_required';
  readonly reasonCode: ReasonCode;
  readonly ruleId: string | null;
  /** Sentence for the caller, without prefix. */
  readonly message: string;
  readonly shown: 'rule' | 'default_deny' | 'unknown_tool';
  /** When the same call may be admitted, where that is known. */
  readonly retryAfterMs: number | null;
  /** With `approval_required`: every one of them must be met. Else none. */
  readonly approvals: readonly ApprovalTerms[];
  /** The limit that refused, where one did. */
  readonly tripped?: LimitAsk;
}

/** Of a denial that no approval lifts. */
export const NO_APPROVALS: readonly ApprovalTerms[] = [];

/** What a call's decision comes to. */
export type CallDecision = Admission | Denial;

/** Denials that no rule of a policy makes, with the sentence each tells its caller. */
const OWN_DENIALS = {
  policy_stale: { ruleId: '(stale)', message: 'The gateway cannot confirm that its policy is current. Try again in a moment.' },
  clock_skew: { ruleId: '(stale)', message: "The gateway's clock disagrees with the control plane's. Try again in a moment." },
  no_policy: { ruleId: '(no policy)', message: 'This grant has no policy in force.' },
  quarantined: { ruleId: '(quarantined)', message: "The tool's definition is not approved, or changed since it was. It is denied until someone reviews it." },
  server_unavailable: { ruleId: null, message: 'The server behind this address cannot be reached now.' },
  audit_unavailable: { ruleId: null, message: 'The audit record could not be kept, so the call was not made. Try again later.' },
  request_malformed: { ruleId: null, message: 'The request is not one this gateway can read.' },
  too_many_calls: { ruleId: null, message: 'Too many calls of this identity are under way. Try again when one has ended.' },
  limit_store_unavailable: { ruleId: null, message: 'The limits of this call cannot be counted now. Try again in a moment.' },
  limit_store_reset: { ruleId: null, message: 'The limits of this call are being restored. Try again in a moment.' },
  default_deny: { ruleId: '(default deny)', message: 'No rule allows this.' },
  evaluation_error: { ruleId: null, message: 'The policy could not be evaluated for this call.' },
} as const satisfies Partial<Record<ReasonCode, { readonly ruleId: string | null; readonly message: string }>>;

/** Reasons that come from the gateway itself rather than from a rule. */
export type OwnReason = keyof typeof OWN_DENIALS;

/** A denial for a reason of the gateway's own. */
export function ownDenial(reasonCode: OwnReason, shown: Denial['shown'] = 'rule'): Denial {
  const { ruleId, message } = OWN_DENIALS[reasonCode];
  return { effect: 'deny', outcome: 'denied', reasonCode, ruleId, message, shown, retryAfterMs: null, approvals: NO_APPROVALS };
}
