import type { DenyReason, Verdict } from '../verdict.js';

/** What a verdict comes to, without the values of the call: what may be recorded and counted of it. */
export interface VerdictMark {
  readonly effect: 'allow' | 'deny';
  readonly ruleId: string;
  /** `null` for an allowed call. */
  readonly reasonCode: DenyReason | null;
}

/** The ways a verdict in shadow can stand to the enforced one. Closed: counters are kept by it. */
export const SHADOW_RELATIONS = ['agrees', 'stricter', 'looser', 'other_reason'] as const;

/**
 * How a verdict in shadow stands to the enforced one: `stricter` where it would stop a call that is allowed, or deny one
 * that an approval lets through; `looser` the other way round; `other_reason` where both stop the call for reasons of
 * another code. `agrees` otherwise, by whatever rule.
 */
export type ShadowRelation = (typeof SHADOW_RELATIONS)[number];

/** A shadow verdict beside the enforced one. An agreement is one and the same value for every call. */
export type ShadowComparison =
  | { readonly relation: 'agrees' }
  | { readonly relation: Exclude<ShadowRelation, 'agrees'>; readonly enforced: VerdictMark; readonly shadow: VerdictMark };

const AGREES: ShadowComparison = Object.freeze({ relation: 'agrees' });
const STRICTNESS = { allow: 0, approval_required: 1, deny: 2 } as const;

/**
 * Compares what two versions of a policy say about one call. Limits are compared no further than that both would ask them:
 * a version in shadow reserves nothing.
 */
export function compareVerdicts(enforced: Verdict, shadow: Verdict): ShadowComparison {
  const difference = strictness(shadow) - strictness(enforced);
  if (difference === 0 && reasonOf(enforced) === reasonOf(shadow)) return AGREES;
  const relation = difference === 0 ? 'other_reason' : difference > 0 ? 'stricter' : 'looser';
  return { relation, enforced: mark(enforced), shadow: mark(shadow) };
}

function strictness(verdict: Verdict): number {
  if (verdict.effect === 'allow') return STRICTNESS.allow;
  return verdict.reasonCode === 'approval_required' ? STRICTNESS.approval_required : STRICTNESS.deny;
}

function reasonOf(verdict: Verdict): DenyReason | null {
  return verdict.effect === 'allow' ? null : verdict.reasonCode;
}

function mark(verdict: Verdict): VerdictMark {
  return { effect: verdict.effect, ruleId: verdict.ruleId, reasonCode: reasonOf(verdict) };
}
