import type { CompiledPolicy, Denial, PlannedRule, ToolPlan } from './compiled-policy.js';
import { allOf, compileCondition, describeCondition } from './conditions/compile-condition.js';
import type { PolicyDocument, Rule, RuleElement } from './document.js';
import { expandRule, type ExpandedRule } from './expand-rule.js';
import { planLimit, type PlannedLimit } from './limits/spend.js';
import { NO_RULE, elementIds, limitIds, toolRuleId } from './rule-ids.js';
import type { DenyReason } from './verdict.js';
import { compileHide } from './visibility.js';

interface Section {
  /** Where the rule stands, `/tools/<name>` or `/all_tools`. */
  readonly id: string;
  readonly rule: ExpandedRule;
}

/** Prepares a document for deciding: patterns compiled, paths resolved, refusals made, once for each published version. */
export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  const hides = compileHide(document.hide);
  const plans = new Map<string, ToolPlan>();
  for (const [tool, rule] of document.tools) {
    if (!hides(tool)) plans.set(tool, planTool(toolRuleId(tool), sectionsOf(document, tool, rule)));
  }
  return Object.freeze({
    default: document.default,
    mode: document.mode,
    plans,
    unnamed: document.default === 'allow' ? planTool(NO_RULE.defaultAllow, sectionsOf(document)) : undefined,
    hides,
  });
}

function sectionsOf(document: PolicyDocument, tool?: string, rule?: Rule): readonly Section[] {
  const own = tool === undefined || rule === undefined ? [] : [{ id: toolRuleId(tool), rule: expandRule(rule, tool) }];
  return document.allTools === undefined ? own : [...own, { id: '/all_tools', rule: expandRule(document.allTools) }];
}

function planTool(admittedBy: string, sections: readonly Section[]): ToolPlan {
  const approvals = sections.flatMap(({ id, rule }) => (rule.approval === undefined ? [] : approvalDenial(id, rule.approval.message)));
  return {
    admittedBy,
    denyIf: sections.flatMap(({ id, rule }) => planElements(`${id}/deny_if`, rule.denyIf, 'rule_denied')),
    require: sections.flatMap(({ id, rule }) => planElements(`${id}/require`, rule.require, 'require_failed')),
    approval: approvals[0],
    limits: oncePerCounter(sections.flatMap(planLimits)),
    searchesPatterns: sections.some(({ rule }) => [...rule.denyIf, ...rule.require].some(hasPattern)),
  };
}

function planElements(list: string, elements: readonly RuleElement[], reason: 'rule_denied' | 'require_failed'): readonly PlannedRule[] {
  const ids = elementIds(list, elements);
  return elements.map((element, index) => planElement(ids[index] ?? list, element, reason));
}

function planElement(ruleId: string, element: RuleElement, reason: 'rule_denied' | 'require_failed'): PlannedRule {
  const sentence = reason === 'rule_denied' ? `The policy denies this call by rule ${ruleId}.` : `This call does not meet requirement ${ruleId}.`;
  return {
    ruleId,
    holds: allOf(element.conditions.map(compileCondition)),
    denial: denial(reason, ruleId, element.onDeny ?? sentence),
    failure: denial('evaluation_error', ruleId, `Rule ${ruleId} could not be evaluated for this call.`),
    what: element.conditions.map(describeCondition).join(' and ') || 'always',
  };
}

function approvalDenial(section: string, message: string): Denial {
  return denial('approval_required', `${section}/approval`, message);
}

function denial(reasonCode: DenyReason, ruleId: string, message: string): Denial {
  return Object.freeze({ effect: 'deny', reasonCode, ruleId, message, shown: 'rule' });
}

function planLimits({ id, rule }: Section): readonly PlannedLimit[] {
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
