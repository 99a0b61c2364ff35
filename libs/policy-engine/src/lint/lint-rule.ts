import type { Comparison, Condition, Rule, RuleElement } from '../document.js';
import { comparisonsIn, ConditionDiagrams } from '../diagram/condition-diagrams.js';
import { Diagram, UNKNOWN_VALUE } from '../diagram/diagram.js';
import { TRUTH } from '../diagram/truths.js';
import type { FindingList } from '../finding.js';
import { contradiction } from './contradictions.js';
import { comparisonsAt, lintCondition, placeOf, warnUnknownPath, type LintSubject } from './lint-condition.js';

const MAX_STEPS = 5_000;

interface RuleLint {
  readonly pointer: string;
  readonly subject: LintSubject;
  readonly findings: FindingList;
  /** Requirements that bind the same calls: those of the rule and of `all_tools`. */
  readonly requirements: readonly RuleElement[];
}

/** Warns of what in one rule cannot do what it seems to say. */
export function lintRule(rule: Rule, about: RuleLint): void {
  for (const [index, element] of rule.denyIf.entries()) lintDeny(element, `${about.pointer}/deny_if/${index}`, about);
  warnAfterUnconditional(rule, about);
  for (const [index, element] of rule.require.entries()) lintRequirement(element, `${about.pointer}/require/${index}`, about);
  for (const [index, limit] of rule.limits.entries()) {
    const at = limit.incrementFrom === undefined ? undefined : placeOf(limit.incrementFrom, about.subject);
    if (at?.kind !== 'absent' || limit.incrementFrom === undefined) continue;
    warnUnknownPath(limit.incrementFrom, { pointer: `${about.pointer}/limits/${index}/increment_from`, at, findings: about.findings });
  }
  if (rule.reason !== undefined && (rule.action === undefined || rule.action === 'allow')) {
    const at = `${about.pointer}/reason`;
    about.findings.add('no_effect', at, 'A reason is shown only with the action "deny" or "require_approval".', 'Remove it.', [{ op: 'remove', path: at }]);
  }
}

function lintDeny(element: RuleElement, pointer: string, about: RuleLint): void {
  lintConditions(element, pointer, about);
  const why = neverHolds(element.conditions);
  if (why !== undefined) about.findings.add('never_matches', pointer, `This rule can never match: ${why}.`);
  if (element.onMissing === 'deny') return;
  for (const [index, condition] of element.conditions.entries()) {
    for (const { comparison, pointer: at } of comparisonsAt(condition, `${pointer}/conditions/${index}`)) {
      if (mayBeSilent(comparison, about)) warnOptional(comparison, { pointer: `${at}/path`, element: pointer, findings: about.findings });
    }
  }
}

function lintRequirement(element: RuleElement, pointer: string, about: RuleLint): void {
  lintConditions(element, pointer, about);
  const why = neverHolds(element.conditions);
  if (why !== undefined) about.findings.add('never_matches', pointer, `This requirement can never be met, so every call is denied: ${why}.`);
  if (element.conditions.length === 0) about.findings.add('no_effect', pointer, 'A requirement without conditions requires nothing.', 'Remove it.', [{ op: 'remove', path: pointer }]);
}

/** Why conditions can never hold together, whatever a call holds: worked out over all values, where the plain cases have no name for it. */
function neverHolds(conditions: readonly Condition[]): string | undefined {
  const plain = contradiction(conditions);
  if (plain !== undefined || comparisonsIn(conditions).length < 2) return plain;
  const diagram = new Diagram({ branches: MAX_STEPS, steps: MAX_STEPS });
  const values = diagram.values(new ConditionDiagrams(diagram, conditions).all(conditions));
  return values.has(TRUTH.yes) || values.has(UNKNOWN_VALUE) ? undefined : 'its conditions exclude each other';
}

function lintConditions(element: RuleElement, pointer: string, about: RuleLint): void {
  for (const [index, condition] of element.conditions.entries()) lintCondition(condition, `${pointer}/conditions/${index}`, about);
}

function warnAfterUnconditional(rule: Rule, { pointer, findings }: RuleLint): void {
  const first = rule.denyIf.findIndex((element) => element.conditions.length === 0);
  if (first < 0) return;
  for (let index = first + 1; index < rule.denyIf.length; index += 1) {
    const at = `${pointer}/deny_if/${index}`;
    findings.add('never_matches', at, 'This rule is never reached: one before it denies every call.', 'Remove one of them.', [{ op: 'remove', path: at }]);
  }
}

/** Whether a call may leave the value out, so that the rule does not match, and nothing else denies such a call. */
function mayBeSilent(condition: Comparison, { subject, requirements }: RuleLint): boolean {
  if (condition.op === 'exists' || subject.schemas === undefined || condition.path.root !== 'args') return false;
  const at = placeOf(condition.path, subject);
  if (at.kind === 'absent' || (at.kind === 'found' && at.isRequired) || (at.kind === 'open' && subject.tool === undefined)) return false;
  return !requirements.some((element) => element.conditions.some((each) => demands(each, condition)));
}

function demands(requirement: Condition, condition: Comparison): boolean {
  return requirement.kind === 'comparison' && requirement.path.text === condition.path.text && !(requirement.op === 'exists' && requirement.value === false);
}

function warnOptional({ path }: Comparison, to: { readonly pointer: string; readonly element: string; readonly findings: FindingList }): void {
  const message = `${path.text} is not a required property of the tool's inputSchema, and a call without it is not denied by this rule.`;
  const edit = [{ op: 'add' as const, path: `${to.element}/on_missing`, value: 'deny' }];
  to.findings.add('optional_property', to.pointer, message, 'To deny calls without it, write "on_missing": "deny" beside the conditions.', edit);
}
