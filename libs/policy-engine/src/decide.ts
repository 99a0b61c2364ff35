import type { CompiledPolicy, Denial, PlannedFlowDenial, ToolPlan } from './compiled-policy.js';
import { IDLE_METER, MAX_STEPS, type Meter } from './conditions/truth.js';
import { askOf, type PlannedLimit } from './limits/spend.js';
import { NO_RULE } from './rule-ids.js';
import { NO_LABELS } from './tool-match.js';
import type { ApprovalTerms, FlowMark, LimitAsk, ToolCall, ToolLabels, Verdict } from './verdict.js';

const NOT_ALLOWED = 'The policy does not allow this tool.';
const DEFAULT_DENY: Denial = Object.freeze({
  effect: 'deny',
  reasonCode: 'default_deny',
  ruleId: NO_RULE.defaultDeny,
  message: NOT_ALLOWED,
  shown: 'default_deny',
});
const HIDDEN_UNDER_DENY: Denial = Object.freeze({ ...DEFAULT_DENY, reasonCode: 'hidden', ruleId: NO_RULE.hidden });
const NO_ASKS: readonly LimitAsk[] = Object.freeze([]);
const NO_MARKS: readonly FlowMark[] = Object.freeze([]);

/**
 * Decides one tool call against one policy.
 *
 *   hidden? → allowed at all? → deny_if → require → flows → approval → limits
 *
 * Pure and total: the same two inputs give the same verdict, and nothing in a policy or a call makes it throw. A missing
 * or wrongly typed value fails a `require`, and does not match a `deny_if` unless its element says so.
 *
 * @param policy Compiled once for each published version, shared by all calls.
 * @param call   The edge has bounded its size and depth.
 * @returns `asks` lists what to reserve, all or nothing, before the call goes ahead; each counter stands there once. `marks`
 *          is what the identity bears once the call has been answered.
 */
export function decide(policy: CompiledPolicy, call: ToolCall): Verdict {
  const plan = planFor(policy, call.tool, call.labels);
  return plan === undefined ? refuseName(policy, call.tool) : decideByPlan(plan, call);
}

/** The plan for a tool that is neither hidden nor left out; undefined for any other. */
export function planFor(policy: CompiledPolicy, tool: string, labels: ToolLabels | undefined): ToolPlan | undefined {
  if (policy.planFor !== undefined) return policy.planFor(tool, labels ?? NO_LABELS);
  const plan = policy.plans.get(tool);
  if (plan !== undefined) return plan;
  return policy.unnamed === undefined || policy.hides(tool) ? undefined : policy.unnamed;
}

/** The refusal of a name without a plan. What the caller sees of it does not tell a hidden tool from one that is not there. */
export function refuseName(policy: CompiledPolicy, tool: string): Denial {
  const isHidden = policy.hides(tool);
  if (policy.default === 'deny') return isHidden ? HIDDEN_UNDER_DENY : DEFAULT_DENY;
  return { effect: 'deny', reasonCode: 'hidden', ruleId: NO_RULE.hidden, message: `Unknown tool: ${tool}`, shown: 'unknown_tool' };
}

/** A fresh allowance for one decision. */
export function meterFor(plan: ToolPlan): Meter {
  return plan.isMetered ? { stepsLeft: MAX_STEPS } : IDLE_METER;
}

/** The refusal of a limit whose amount cannot be counted. */
export function invalidAmount(limit: PlannedLimit): Denial {
  const message = `Limit "${limit.counter}" counts by an argument that this call gives not at all, or not in a form that can be counted.`;
  return { effect: 'deny', reasonCode: 'limit_amount_invalid', ruleId: limit.ruleId, message, shown: 'rule' };
}

/** Whether a flow binds a call: its identity bears the mark, and it is for one of the flow's servers. */
export function flowBinds({ mark, servers }: PlannedFlowDenial, call: ToolCall): boolean {
  return call.marks !== undefined && call.marks.includes(mark) && (servers === undefined || servers.includes(call.server.slug));
}

function decideByPlan(plan: ToolPlan, call: ToolCall): Verdict {
  const meter = meterFor(plan);
  for (const rule of plan.denyIf) {
    const truth = rule.holds(call, meter);
    if (truth === 'no') continue;
    if (truth === 'yes') return rule.denial;
    if (truth === 'error') return rule.failure;
    if (rule.deniesUnknown) return rule.denial;
  }
  for (const rule of plan.require) {
    const truth = rule.holds(call, meter);
    if (truth === 'error') return rule.failure;
    if (truth !== 'yes') return rule.denial;
  }
  return denyByFlows(plan, call) ?? askApproval(plan, call, meter) ?? takeLimits(plan, call);
}

function denyByFlows({ flows }: ToolPlan, call: ToolCall): Denial | undefined {
  for (const flow of flows) if (flow.terms === undefined && flowBinds(flow, call)) return flow.denial;
  return undefined;
}

/** An unknown condition asks for approval, so that it does not help the caller. */
function askApproval({ flows, approvals }: ToolPlan, call: ToolCall, meter: Meter): Denial | undefined {
  if (flows.length === 0 && approvals.length === 0) return undefined;
  const asked: ApprovalTerms[] = [];
  for (const flow of flows) if (flow.terms !== undefined && flowBinds(flow, call)) asked.push(flow.terms);
  for (const approval of approvals) {
    const truth = approval.applies(call, meter);
    if (truth === 'error') return approval.failure;
    if (truth !== 'no') asked.push(approval.terms);
  }
  const [first] = asked;
  if (first === undefined) return undefined;
  return { effect: 'deny', reasonCode: 'approval_required', ruleId: first.ruleId, message: first.message, shown: 'rule', approvals: asked };
}

function takeLimits(plan: ToolPlan, call: ToolCall): Verdict {
  if (plan.limits.length === 0) return admit(plan, call, NO_ASKS);
  const asks: LimitAsk[] = [];
  for (const limit of plan.limits) {
    const ask = askOf(limit, call);
    if (ask === undefined) return invalidAmount(limit);
    asks.push(ask);
  }
  return admit(plan, call, asks);
}

function admit(plan: ToolPlan, call: ToolCall, asks: readonly LimitAsk[]): Verdict {
  return { effect: 'allow', ruleId: plan.admittedBy, asks, marks: marksOf(plan, call), responses: plan.responses, record: plan.record };
}

function marksOf({ marks, renewed }: ToolPlan, call: ToolCall): readonly FlowMark[] {
  if (marks.length === 0 && (renewed.length === 0 || call.marks === undefined || call.marks.length === 0)) return NO_MARKS;
  const left: FlowMark[] = [];
  for (const { servers, left: mark } of marks) if (servers === undefined || servers.includes(call.server.slug)) left.push(mark);
  for (const mark of renewed) if (call.marks?.includes(mark.mark) === true && !left.includes(mark)) left.push(mark);
  return left;
}
