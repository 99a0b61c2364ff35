import type { Comparison, Condition, Rule, RuleElement } from '../document.js';
import type { FindingList } from '../finding.js';
import { contradiction } from './contradictions.js';
import { lintCondition, placeOf, warnUnknownPath, type LintSubject } from './lint-condition.js';

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
    about.findings.add('no_effect', `${about.pointer}/reason`, 'A reason is shown only with the action "deny" or "require_approval".');
  }
}

function lintDeny(element: RuleElement, pointer: string, about: RuleLint): void {
  lintConditions(element, pointer, about);
  const why = contradiction(element.conditions);
  if (why !== undefined) about.findings.add('never_matches', pointer, `This rule can never match: ${why}.`);
  for (const [index, condition] of element.conditions.entries()) {
    if (condition.kind === 'comparison' && mayBeSilent(condition, about)) warnOptional(condition, `${pointer}/conditions/${index}/path`, about.findings);
  }
}

function lintRequirement(element: RuleElement, pointer: string, about: RuleLint): void {
  lintConditions(element, pointer, about);
  const why = contradiction(element.conditions);
  if (why !== undefined) about.findings.add('never_matches', pointer, `This requirement can never be met, so every call is denied: ${why}.`);
  if (element.conditions.length === 0) about.findings.add('no_effect', pointer, 'A requirement without conditions requires nothing.');
}

function lintConditions(element: RuleElement, pointer: string, about: RuleLint): void {
  for (const [index, condition] of element.conditions.entries()) lintCondition(condition, `${pointer}/conditions/${index}`, about);
}

function warnAfterUnconditional(rule: Rule, { pointer, findings }: RuleLint): void {
  const first = rule.denyIf.findIndex((element) => element.conditions.length === 0);
  if (first < 0) return;
  for (let index = first + 1; index < rule.denyIf.length; index += 1) {
    findings.add('never_matches', `${pointer}/deny_if/${index}`, 'This rule is never reached: one before it denies every call.');
  }
}

/** Whether a call may leave the value out, so that the rule does not match, and nothing else denies such a call. */
function mayBeSilent(condition: Comparison, { subject, requirements }: RuleLint): boolean {
  if (condition.op === 'exists' || subject.inputSchema === undefined || subject.tool === undefined) return false;
  const at = placeOf(condition.path, subject);
  if (at.kind === 'absent' || (at.kind === 'found' && at.isRequired)) return false;
  return !requirements.some((element) => element.conditions.some((each) => demands(each, condition)));
}

function demands(requirement: Condition, condition: Comparison): boolean {
  return requirement.kind === 'comparison' && requirement.path.text === condition.path.text && !(requirement.op === 'exists' && requirement.value === false);
}

function warnOptional({ path }: Comparison, pointer: string, findings: FindingList): void {
  const message = `${path.text} is not a required property of the tool's inputSchema, and a call without it is not denied by this rule.`;
  const condition = JSON.stringify({ path: path.form === 'pointer' ? { pointer: path.text } : path.text, op: 'exists', value: true });
  findings.add('optional_property', pointer, message, `To deny calls without it, add to require: { "conditions": [${condition}] }`);
}
