import type { CompiledPolicy, PlannedRule, ToolPlan } from './compiled-policy.js';
import { decide, meterFor, planFor } from './decide.js';
import { askOf } from './limits/spend.js';
import { NO_RULE } from './rule-ids.js';
import type { ToolCall, Verdict } from './verdict.js';

/** One rule that was looked at. `unknown`: a value it needs is missing, wrongly typed, or could not be evaluated. */
export interface ExplainedStep {
  readonly ruleId: string;
  /** The rule in words: the policy's own values, never a value of the call. */
  readonly what: string;
  readonly held: 'yes' | 'no' | 'unknown';
}

/** A verdict and the rules looked at on the way to it, in order; the last one settled it. */
export interface Explanation {
  readonly verdict: Verdict;
  readonly steps: readonly ExplainedStep[];
}

/** Decides as `decide` does and says how; for people trying a policy out. Reserves nothing. */
export function explain(policy: CompiledPolicy, call: ToolCall): Explanation {
  const verdict = decide(policy, call);
  const plan = planFor(policy, call.tool);
  return { verdict, steps: plan === undefined ? [nameStep(verdict)] : planSteps(plan, call, verdict) };
}

function nameStep(verdict: Verdict): ExplainedStep {
  const what = verdict.ruleId === NO_RULE.hidden ? 'the tool is hidden' : 'no rule names the tool and the default is deny';
  return { ruleId: verdict.ruleId, what, held: 'yes' };
}

function planSteps(plan: ToolPlan, call: ToolCall, verdict: Verdict): readonly ExplainedStep[] {
  const meter = meterFor(plan);
  const steps: ExplainedStep[] = [admission(plan)];
  const look = (verb: string, rules: readonly PlannedRule[]): boolean =>
    rules.some((rule) => {
      const truth = rule.holds(call, meter);
      steps.push({ ruleId: rule.ruleId, what: `${verb} ${rule.what}`, held: truth === 'error' ? 'unknown' : truth });
      return rule.ruleId === verdict.ruleId;
    });
  if (look('deny if', plan.denyIf) || look('require', plan.require)) return steps;
  return [...steps, ...(plan.approval === undefined ? limitSteps(plan, call) : [approvalStep(plan.approval.ruleId)])];
}

function admission(plan: ToolPlan): ExplainedStep {
  const what = plan.admittedBy === NO_RULE.defaultAllow ? 'no rule names the tool and the default is allow' : 'a rule names the tool';
  return { ruleId: plan.admittedBy, what, held: 'yes' };
}

function approvalStep(ruleId: string): ExplainedStep {
  return { ruleId, what: 'the call needs the approval of a person', held: 'yes' };
}

function limitSteps(plan: ToolPlan, call: ToolCall): readonly ExplainedStep[] {
  const steps: ExplainedStep[] = [];
  for (const limit of plan.limits) {
    const isCountable = askOf(limit, call) !== undefined;
    steps.push({ ruleId: limit.ruleId, what: limit.what, held: isCountable ? 'yes' : 'unknown' });
    if (!isCountable) break;
  }
  return steps;
}
