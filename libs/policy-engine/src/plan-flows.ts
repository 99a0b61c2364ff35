import type { PlannedFlow } from './compiled-policy.js';
import { APPROVAL_DEFAULTS, DEFAULT_FLOW_SECONDS, type Flow } from './document.js';
import { denial, termsOf } from './plan-section.js';
import { flowRuleId } from './rule-ids.js';
import { compileToolMatch } from './tool-match.js';

/** Prepares the flows of a document. */
export function planFlows(flows: readonly Flow[]): readonly PlannedFlow[] {
  return flows.map((flow, index) => planFlow(flow, flowRuleId(index)));
}

function planFlow(flow: Flow, ruleId: string): PlannedFlow {
  const message = `This call may not follow what went before (${flow.marks}).`;
  return {
    after: compileToolMatch(flow.after),
    mark: {
      ruleId,
      servers: flow.after.server,
      left: Object.freeze({ mark: flow.marks, seconds: flow.within === 'session' ? DEFAULT_FLOW_SECONDS : flow.within }),
    },
    deny: compileToolMatch(flow.deny),
    denial: {
      ruleId,
      mark: flow.marks,
      servers: flow.deny.server,
      denial: denial('flow_denied', ruleId, message),
      terms: flow.unless === 'approval' ? termsOf(ruleId, { ...APPROVAL_DEFAULTS, message: `${message} It needs the approval of a person.` }) : undefined,
    },
    isRenewed: flow.within === 'session',
  };
}
