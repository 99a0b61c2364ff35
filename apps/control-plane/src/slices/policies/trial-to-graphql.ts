import { formatDecimal } from '@sallyport/kernel';
import type { Explanation, LimitAsk } from '@sallyport/policy-engine';

import { stepSentences, stepsToGraphql } from './explained-steps.js';

const NOT_LISTED = 'The server does not list this tool as approved, so a real call would be refused before its policy is asked.';

/** A tried call's verdict as GraphQL's `PolicyTrial`. */
export function trialToGraphql({ verdict, steps }: Explanation, about: { readonly version: number | null; readonly isListed: boolean }) {
  const told = stepSentences(steps);
  const common = {
    __typename: 'PolicyTrial' as const,
    effect: verdict.effect,
    ruleId: verdict.ruleId,
    steps: stepsToGraphql(steps),
    explanation: about.isListed ? told : [NOT_LISTED, ...told],
    policyVersion: about.version,
  };
  if (verdict.effect === 'allow') return { ...common, outcome: 'allowed', reasonCode: null, message: null, limits: verdict.asks.map(limitToGraphql) };
  const outcome = verdict.reasonCode === 'approval_required' ? 'approval_required' : 'denied';
  return { ...common, outcome, reasonCode: verdict.reasonCode, message: verdict.message, limits: [] };
}

function limitToGraphql({ ruleId, counter, scope, units, max, windowStartMs, windowEndMs }: LimitAsk) {
  return { ruleId, counter, scope, units: formatDecimal(units), max: formatDecimal(max), windowStart: new Date(windowStartMs), windowEnd: new Date(windowEndMs) };
}
