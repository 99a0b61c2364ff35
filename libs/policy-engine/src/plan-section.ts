import type { Denial, PlannedApproval, PlannedRule, PlannedSection } from './compiled-policy.js';
import { allOf, compileCondition } from './conditions/compile-condition.js';
import type { Compilation } from './conditions/compilation.js';
import { APPROVAL_DEFAULTS, type ApprovalRule, type Condition, type RecordLevel, type ResponseRule, type Rule, type RuleElement } from './document.js';
import { expandRule, type ExpandedRule } from './expand-rule.js';
import { planLimit, type PlannedLimit } from './limits/spend.js';
import { elementIds, limitIds } from './rule-ids.js';
import type { ApprovalTerms, DenyReason } from './verdict.js';

/** The section of a policy part that says nothing. */
export const NO_RULES: PlannedSection = {
  denyIf: [],
  require: [],
  approvals: [],
  limits: [],
  responses: [],
  record: undefined,
  isMetered: false,
};

const APPROVAL_MESSAGE = 'This call needs the approval of a person.';

/** Where a section stands: the start of its rule ids, and its name in sugar's counters (see `expandRule`). */
export interface SectionPlace {
  readonly id: string;
  readonly owner?: string;
}

/** Prepares the rules of one tool, of a class, or of all tools. */
export function planSection({ id, owner }: SectionPlace, written: Rule, compilation: Compilation): PlannedSection {
  const rule = expandRule(written, owner);
  const approvals = rule.approval === undefined ? [] : [planApproval(`${id}/approval`, rule.approval, compilation)];
  return {
    denyIf: planElements(`${id}/deny_if`, rule.denyIf, { reason: 'rule_denied', compilation }),
    require: planElements(`${id}/require`, rule.require, { reason: 'require_failed', compilation }),
    approvals,
    limits: planLimits(id, rule, compilation),
    responses: placeResponse(id, written.response),
    record: written.record,
    isMetered: [...rule.denyIf, ...rule.require, { conditions: rule.approval?.when ?? [] }].some(({ conditions }) => conditions.some(isMetered)),
  };
}

/** A ready-made refusal. */
export function denial(reasonCode: DenyReason, ruleId: string, message: string): Denial {
  return Object.freeze({ effect: 'deny', reasonCode, ruleId, message, shown: 'rule' });
}

/** What is kept of arguments where no rule says. */
export const DEFAULT_RECORD: RecordLevel = 'digest';

/** What a rule's approval must satisfy. */
export function termsOf(ruleId: string, { approvers, quorum, expiresInSeconds, holdSeconds, message }: Omit<ApprovalRule, 'when'>): ApprovalTerms {
  return Object.freeze({ ruleId, approvers, quorum, expiresInSeconds, holdSeconds, message: message ?? APPROVAL_MESSAGE });
}

interface ElementPlan {
  readonly reason: 'rule_denied' | 'require_failed';
  readonly compilation: Compilation;
}

function planElements(list: string, elements: readonly RuleElement[], how: ElementPlan): readonly PlannedRule[] {
  const ids = elementIds(list, elements);
  return elements.map((element, index) => planElement(ids[index] ?? list, element, how));
}

function planElement(ruleId: string, element: RuleElement, { reason, compilation }: ElementPlan): PlannedRule {
  const sentence = reason === 'rule_denied' ? `The policy denies this call by rule ${ruleId}.` : `This call does not meet requirement ${ruleId}.`;
  return {
    ruleId,
    holds: allOf(element.conditions.map((condition) => compileCondition(condition, compilation))),
    deniesUnknown: reason === 'require_failed' || element.onMissing === 'deny',
    denial: denial(reason, ruleId, element.onDeny ?? sentence),
    failure: failureOf(ruleId),
    conditions: element.conditions,
  };
}

function planApproval(ruleId: string, rule: ApprovalRule, compilation: Compilation): PlannedApproval {
  return {
    applies: allOf(rule.when.map((condition) => compileCondition(condition, compilation))),
    terms: termsOf(ruleId, rule),
    failure: failureOf(ruleId),
    conditions: rule.when,
  };
}

function failureOf(ruleId: string): Denial {
  return denial('evaluation_error', ruleId, `Rule ${ruleId} could not be evaluated for this call.`);
}

/** Limits that may be exceeded with an approval take the terms of their rule's own approval, where it has one. */
function planLimits(id: string, rule: ExpandedRule, compilation: Compilation): readonly PlannedLimit[] {
  const ids = limitIds(`${id}/limits`, rule.limits.map((limit) => limit.counter));
  const terms = rule.approval ?? APPROVAL_DEFAULTS;
  return rule.limits.map((limit, index) => planLimit(limit, { ruleId: ids[index] ?? id, terms }, compilation));
}

function placeResponse(id: string, rule: ResponseRule | undefined): PlannedSection['responses'] {
  return rule === undefined ? [] : [{ ruleId: `${id}/response`, rule }];
}

function isMetered(condition: Condition): boolean {
  switch (condition.kind) {
    case 'comparison':
      return condition.op === 'regex' || condition.op === 'matches_schema';
    case 'any':
    case 'all':
      return condition.conditions.some(isMetered);
    case 'not':
      return isMetered(condition.condition);
    case 'cel':
      return true;
  }
}
