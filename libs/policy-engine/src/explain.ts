import type { CompiledPolicy, PlannedApproval, PlannedRule, ToolPlan } from './compiled-policy.js';
import { describeCondition } from './conditions/describe-condition.js';
import { seeConditions, type SeenCondition } from './conditions/see-condition.js';
import type { Truth } from './conditions/truth.js';
import { decide, flowBinds, meterFor, planFor } from './decide.js';
import type { Condition } from './document.js';
import { askOf } from './limits/spend.js';
import { NO_RULE } from './rule-ids.js';
import type { ToolCall, Verdict } from './verdict.js';

/** One rule that was looked at. `unknown`: a value it needs is missing, wrongly typed, or could not be evaluated. */
export interface ExplainedStep {
  readonly ruleId: string;
  /** The rule in words: the policy's own values, never a value of the call. */
  readonly what: string;
  readonly held: 'yes' | 'no' | 'unknown';
  /** What each of its conditions saw, in the order written. */
  readonly conditions: readonly SeenCondition[];
}

/** A verdict and the rules looked at on the way to it, in order; the last one settled it. */
export interface Explanation {
  readonly verdict: Verdict;
  readonly steps: readonly ExplainedStep[];
}

/**
 * Decides as `decide` does and says how; for people trying a policy out, and for recorded calls. Reserves nothing.
 *
 * @param reveals Whether the reader may see values of arguments; otherwise the steps tell their types and sizes.
 */
export function explain(policy: CompiledPolicy, call: ToolCall, reveals = false): Explanation {
  const verdict = decide(policy, call);
  const plan = planFor(policy, call.tool, call.labels);
  return { verdict, steps: plan === undefined ? [nameStep(verdict)] : new Telling(policy, call, reveals).of(plan, verdict) };
}

function nameStep(verdict: Verdict): ExplainedStep {
  const what = verdict.ruleId === NO_RULE.hidden ? 'the tool is hidden' : 'no rule names the tool and the default is deny';
  return { ruleId: verdict.ruleId, what, held: 'yes', conditions: [] };
}

/** Tells the way to one verdict. */
class Telling {
  constructor(
    private readonly policy: CompiledPolicy,
    private readonly call: ToolCall,
    private readonly reveals: boolean,
  ) {}

  of(plan: ToolPlan, verdict: Verdict): readonly ExplainedStep[] {
    const meter = meterFor(plan);
    const steps: ExplainedStep[] = [admission(plan)];
    const look = (verb: string, rules: readonly PlannedRule[]): boolean =>
      rules.some((rule) => {
        steps.push(this.step(rule, verb, rule.holds(this.call, meter)));
        return rule.ruleId === verdict.ruleId;
      });
    if (look('deny if', plan.denyIf) || look('require', plan.require)) return steps;
    steps.push(...this.flowSteps(plan, verdict));
    if (steps.at(-1)?.ruleId === verdict.ruleId && verdict.effect === 'deny' && verdict.reasonCode === 'flow_denied') return steps;
    for (const approval of plan.approvals) {
      const truth = approval.applies(this.call, meter);
      steps.push(this.approvalStep(approval, truth));
      if (truth === 'error') return steps;
    }
    const stops = verdict.effect === 'deny' && verdict.reasonCode !== 'limit_amount_invalid';
    return stops ? steps : [...steps, ...this.limitSteps(plan)];
  }

  private step(rule: Pick<PlannedRule, 'ruleId' | 'conditions'>, verb: string, truth: Truth): ExplainedStep {
    const what = rule.conditions.map(describeCondition).join(' and ') || 'always';
    return { ruleId: rule.ruleId, what: `${verb} ${what}`, held: told(truth), conditions: this.saw(rule.conditions) };
  }

  private approvalStep({ terms, conditions }: PlannedApproval, truth: Truth): ExplainedStep {
    const when = conditions.length === 0 ? '' : ` if ${conditions.map(describeCondition).join(' and ')}`;
    const what = `the call needs the approval of a person${when}`;
    return { ruleId: terms.ruleId, what, held: told(truth), conditions: this.saw(conditions) };
  }

  /** Flows that deny come before those that an approval may lift; the first that denies ends the telling. */
  private flowSteps({ flows }: ToolPlan, verdict: Verdict): readonly ExplainedStep[] {
    const steps: ExplainedStep[] = [];
    for (const flow of [...flows.filter(({ terms }) => terms === undefined), ...flows.filter(({ terms }) => terms !== undefined)]) {
      const lifts = flow.terms === undefined ? 'deny' : 'ask a person';
      const held = flowBinds(flow, this.call) ? 'yes' : 'no';
      steps.push({ ruleId: flow.ruleId, what: `${lifts} after what marks the identity "${flow.mark}"`, held, conditions: [] });
      if (flow.ruleId === verdict.ruleId && flow.terms === undefined && held === 'yes') break;
    }
    return steps;
  }

  private limitSteps(plan: ToolPlan): readonly ExplainedStep[] {
    const steps: ExplainedStep[] = [];
    for (const limit of plan.limits) {
      const isCountable = askOf(limit, this.call) !== undefined;
      steps.push({ ruleId: limit.ruleId, what: limit.what, held: isCountable ? 'yes' : 'unknown', conditions: [] });
      if (!isCountable) break;
    }
    return steps;
  }

  private saw(conditions: readonly Condition[]): readonly SeenCondition[] {
    return seeConditions(conditions, { call: this.call, reveals: this.reveals, compilation: this.policy.compilation });
  }
}

function admission({ admittedBy }: ToolPlan): ExplainedStep {
  const what =
    admittedBy === NO_RULE.defaultAllow ? 'no rule names the tool and the default is allow' : admittedBy.startsWith('/select/') ? 'a class that is allowed holds the tool' : 'a rule names the tool';
  return { ruleId: admittedBy, what, held: 'yes', conditions: [] };
}

function told(truth: Truth): ExplainedStep['held'] {
  return truth === 'error' ? 'unknown' : truth;
}
