import type { ShadowDisagreement } from '@sallyport/audit';
import { compareVerdicts, decide, type ToolCall } from '@sallyport/policy-engine';

import type { LivePolicy } from '../snapshot/live-policy.js';

/** Of a call about which no version in shadow disagrees. */
export const NO_SHADOWS: readonly ShadowDisagreement[] = [];

/** The two versions of one policy that look at a call. */
export interface BothVersions {
  readonly enforced: LivePolicy;
  readonly shadow: LivePolicy;
}

/**
 * What the version in shadow says of a call, where that disagrees with the enforced one. It reserves nothing and leaves no marks.
 *
 * @throws TypeError where this worker cannot read the version in shadow.
 */
export function shadowVerdicts({ enforced, shadow }: BothVersions, call: ToolCall): readonly ShadowDisagreement[] {
  const comparison = compareVerdicts(decide(enforced.compiled, call), decide(shadow.compiled, call));
  if (comparison.relation === 'agrees') return NO_SHADOWS;
  const { effect, ruleId, reasonCode } = comparison.shadow;
  return [{ policyVersion: shadow.version, relation: comparison.relation, effect, ruleId, reasonCode }];
}
