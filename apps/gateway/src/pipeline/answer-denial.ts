import { deniedCall, deniedRequest, methodNotFound, unknownTool, type Answer, type ShownDecision } from '@sallyport/mcp-protocol';
import type { DecisionId } from '@sallyport/kernel';

import type { Denial } from './decision.js';
import type { PostedRequest } from './posted-message.js';

const NOT_ALLOWED = 'The policy does not allow this tool (default deny).';

/**
 * What a refused caller gets to see. Two denials that must not be told apart differ in nothing but the decision
 * id, whatever the record says.
 */
export function denialAnswer(request: PostedRequest, denial: Denial, decisionId: DecisionId): Answer {
  const { frame, kind, id, binding } = request;
  const asked = { id, era: kind.era };
  const policyVersion = binding.policy?.version ?? null;
  if (kind.methodClass !== 'tool_call') {
    return denial.shown === 'rule' ? deniedRequest(asked, denial.message, shown(denial, decisionId, policyVersion)) : methodNotFound(asked);
  }
  switch (denial.shown) {
    case 'unknown_tool':
      return unknownTool(asked, frame.name ?? '');
    case 'default_deny':
      return deniedCall(asked, NOT_ALLOWED, { decisionId, ruleId: '(default deny)', policyVersion, reasonCode: 'default_deny' });
    case 'rule':
      return deniedCall(asked, denial.message, shown(denial, decisionId, policyVersion));
  }
}

function shown(denial: Denial, decisionId: DecisionId, policyVersion: number | null): ShownDecision {
  const { ruleId, reasonCode, retryAfterMs } = denial;
  return { decisionId, ruleId, policyVersion, reasonCode, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
}
