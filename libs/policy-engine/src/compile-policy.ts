import type { CompiledPolicy, Denial, PlannedRule, ToolPlan } from './compiled-policy.js';
import { allOf, compileCondition, describeCondition } from './conditions/compile-condition.js';
import { PatternCache } from './conditions/pattern.js';
import type { PolicyDocument, RuleElement } from './document.js';
import { expandRule, type ExpandedRule } from './expand-rule.js';
import { planLimit, type PlannedLimit } from './limits/spend.js';
import { NO_RULE, elementIds, limitIds, toolRuleId } from './rule-ids.js';
import type { DenyReason } from './verdict.js';
import { compileHide } from './visibility.js';

/** The prepared rules of one tool, or of all tools. */
type PlannedSection = Pick<ToolPlan, 'denyIf' | 'require' | 'approval' | 'limits' | 'searchesPatterns'>;

const NO_RULES: PlannedSection = { denyIf: [], require: [], approval: undefined, limits: [], searchesPatterns: false };

/** Prepares a document for deciding: patterns compiled, paths resolved, refusals made, once for each published version. */
export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  const hides = compileHide(document.hide);
  const patterns = new PatternCache();
  const forAll = document.allTools === undefined ? NO_RULES : planSection('/all_tools', expandRule(document.allTools), patterns);
  const plans = new Map<string, ToolPlan>();
  for (const [tool, rule] of document.tools) {
    if (hides(tool)) continue;
    const id = toolRuleId(tool);
    plans.set(tool, planTool(id, planSection(id, expandRule(rule, tool), patterns), forAll));
  }
  return Object.freeze({
    default: document.default,
    mode: document.mode,
    plans,
    unnamed: document.default === 'allow' ? planTool(NO_RULE.defaultAllow, NO_RULES, forAll) : undefined,
    hides,
  });
}

function planTool(admittedBy: string, own: PlannedSection, forAll: PlannedSection): ToolPlan {
  return {
    admittedBy,
    denyIf: [...own.denyIf, ...forAll.denyIf],
    require: [...own.require, ...forAll.require],
    approval: own.approval ?? forAll.approval,
    limits: oncePerCounter([...own.limits, ...forAll.limits]),
    searchesPatterns: own.searchesPatterns || forAll.searchesPatterns,
  };
}

function planSection(id: string, rule: ExpandedRule, patterns: PatternCache): PlannedSection {
  return {
    denyIf: planElements(`${id}/deny_if`, rule.denyIf, { reason: 'rule_denied', patterns }),
    require: planElements(`${id}/require`, rule.require, { reason: 'require_failed', patterns }),
    approval: rule.approval === undefined ? undefined : denial('approval_required', `${id}/approval`, rule.approval.message),
    limits: planLimits(id, rule),
    searchesPatterns: [...rule.denyIf, ...rule.require].some(hasPattern),
  };
}

interface ElementPlan {
  readonly reason: 'rule_denied' | 'require_failed';
  readonly patterns: PatternCache;
}

function planElements(list: string, elements: readonly RuleElement[], how: ElementPlan): readonly PlannedRule[] {
  const ids = elementIds(list, elements);
  return elements.map((element, index) => planElement(ids[index] ?? list, element, how));
}

function planElement(ruleId: string, element: RuleElement, { reason, patterns }: ElementPlan): PlannedRule {
  const sentence = reason === 'rule_denied' ? `The policy denies this call by rule ${ruleId}.` : `This call does not meet requirement ${ruleId}.`;
  return {
    ruleId,
    holds: allOf(element.conditions.map((condition) => compileCondition(condition, patterns))),
    denial: denial(reason, ruleId, element.onDeny ?? sentence),
    failure: denial('evaluation_error', ruleId, `Rule ${ruleId} could not be evaluated for this call.`),
    what: element.conditions.map(describeCondition).join(' and ') || 'always',
  };
}

function denial(reasonCode: DenyReason, ruleId: string, message: string): Denial {
  return Object.freeze({ effect: 'deny', reasonCode, ruleId, message, shown: 'rule' });
}

function planLimits(id: string, rule: ExpandedRule): readonly PlannedLimit[] {
  const ids = limitIds(`${id}/limits`, rule.limits.map((limit) => limit.counter));
  return rule.limits.map((limit, index) => planLimit(limit, ids[index] ?? id));
}

function oncePerCounter(limits: readonly PlannedLimit[]): readonly PlannedLimit[] {
  const first = new Map<string, PlannedLimit>();
  for (const limit of limits) if (!first.has(limit.counter)) first.set(limit.counter, limit);
  return [...first.values()];
}

function hasPattern(element: RuleElement): boolean {
  return element.conditions.some((condition) => condition.op === 'regex');
}
