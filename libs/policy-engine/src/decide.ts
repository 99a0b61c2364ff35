import type { CompiledPolicy, Denial, ToolPlan } from './compiled-policy.js';
import { IDLE_METER, MAX_PATTERN_STEPS, type Meter } from './conditions/truth.js';
import { askOf, type PlannedLimit } from './limits/spend.js';
import { NO_RULE } from './rule-ids.js';
import type { LimitAsk, ToolCall, Verdict } from './verdict.js';

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

/**
 * Decides one tool call against one policy.
 *
 *   hidden? → allowed at all? → deny_if → require → approval → limits
 *
 * Pure and total: the same two inputs give the same verdict, and nothing in a policy or a call makes it throw. A missing
 * or wrongly typed value fails a `require` and does not match a `deny_if`.
 *
 * @param policy Compiled once for each published version, shared by all calls.
 * @param call   The edge has bounded its size and depth.
 * @returns `asks` lists what to reserve, all or nothing, before the call goes ahead; each counter stands there once.
 */
export function decide(policy: CompiledPolicy, call: ToolCall): Verdict {
  const plan = planFor(policy, call.tool);
  return plan === undefined ? refuseName(policy, call.tool) : decideByPlan(plan, call);
}

/** The plan for a tool that is neither hidden nor left out; undefined for any other name. */
export function planFor(policy: CompiledPolicy, tool: string): ToolPlan | undefined {
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
  return plan.searchesPatterns ? { stepsLeft: MAX_PATTERN_STEPS } : IDLE_METER;
}

/** The refusal of a limit whose amount cannot be counted. */
export function invalidAmount(limit: PlannedLimit): Denial {
  const message = `Limit "${limit.counter}" counts an amount that this call gives not at all, or not as a number of 0 or more.`;
  return { effect: 'deny', reasonCode: 'limit_amount_invalid', ruleId: limit.ruleId, message, shown: 'rule' };
}

function decideByPlan(plan: ToolPlan, call: ToolCall): Verdict {
  const meter = meterFor(plan);
  for (const rule of plan.denyIf) {
    const truth = rule.holds(call, meter);
    if (truth === 'yes') return rule.denial;
    if (truth === 'error') return rule.failure;
  }
  for (const rule of plan.require) {
    const truth = rule.holds(call, meter);
    if (truth === 'error') return rule.failure;
    if (truth !== 'yes') return rule.denial;
  }
  return plan.approval ?? takeLimits(plan, call);
}

function takeLimits(plan: ToolPlan, call: ToolCall): Verdict {
  if (plan.limits.length === 0) return { effect: 'allow', ruleId: plan.admittedBy, asks: NO_ASKS };
  const asks: LimitAsk[] = [];
  for (const limit of plan.limits) {
    const ask = askOf(limit, call);
    if (ask === undefined) return invalidAmount(limit);
    asks.push(ask);
  }
  return { effect: 'allow', ruleId: plan.admittedBy, asks };
}
