import { formatDecimal } from '@sallyport/kernel';

import { describeCondition } from '../conditions/describe-condition.js';
import { APPROVAL_DEFAULTS, type ApprovalRule, type Condition, type Limit, type Redaction, type ToolMatch } from '../document.js';
import { sayScope } from '../limits/limit-settings.js';
import { sayWindow } from '../limits/window.js';
import type { ActivePart } from './active-parts.js';
import type { PolicyPart, SectionScope } from './policy-part.js';
import type { PolicyStep } from './policy-step.js';

/** A step as a sentence about the calls it concerns. */
export function sayStep(step: PolicyStep): string {
  const { before, after } = step;
  if (after === undefined) return sayGone(step.written);
  return before === undefined ? sayCome(after) : sayMoved(before.part, after.part);
}

/** That only the message for the caller is another. */
export function sayReworded({ part }: ActivePart): string {
  const { body } = part;
  if (body.kind === 'approval') return 'The message that asks for approval is another.';
  return body.kind === 'limit' ? `The message of limit "${body.limit.counter}" is another.` : `The message of the rule "${sayBody(part)}" is another.`;
}

/** A class of tools in words. */
export function sayMatch({ category, risk, name, annotations }: ToolMatch): string {
  const parts = [
    ...(name === undefined ? [] : [`named ${name.join(' or ')}`]),
    ...(category === undefined ? [] : [`of category ${category.join(' or ')}`]),
    ...(risk === undefined ? [] : [`of risk ${risk.join(' or ')}`]),
    ...Object.entries(annotations ?? {}).map(([hint, value]) => `with ${hint} ${String(value)}`),
  ];
  return `tools ${parts.join(' and ')}`;
}

function sayCome({ part, section }: ActivePart): string {
  const { body } = part;
  switch (body.kind) {
    case 'admit':
      return body.by === 'default' ? 'Tools that no rule names are now allowed.' : `${sayTools(section.scope)} are now allowed.`;
    case 'hide':
      return `Tools named ${body.entry} are now hidden.`;
    case 'deny_if':
      return `Calls are now denied ${when(part)}.`;
    case 'require':
      return `Calls must now meet: ${sayBody(part)}.`;
    case 'approval':
      return `Calls now need ${sayApproval(body.approval)}.`;
    case 'limit':
      return `Limit "${body.limit.counter}" now allows ${sayLimit(body.limit)}.`;
    case 'answer':
      return `Answers are now withheld ${when(part)}.`;
    default:
      return `Of answers and records, now: ${sayBody(part)}.`;
  }
}

function sayGone({ part, section }: ActivePart): string {
  const { body } = part;
  switch (body.kind) {
    case 'admit':
      return body.by === 'default' ? 'Tools that no rule names are now denied.' : `${sayTools(section.scope)} are no longer allowed for that.`;
    case 'hide':
      return `Tools named ${body.entry} are no longer hidden.`;
    case 'deny_if':
      return `Calls are no longer denied ${when(part)}.`;
    case 'require':
      return `Calls need no longer meet: ${sayBody(part)}.`;
    case 'approval':
      return `Calls no longer need ${sayApproval(body.approval)}.`;
    case 'limit':
      return `Limit "${body.limit.counter}" of ${sayLimit(body.limit)} is gone.`;
    case 'answer':
      return `Answers are no longer withheld ${when(part)}.`;
    default:
      return `Of answers and records, no longer: ${sayBody(part)}.`;
  }
}

function sayMoved(old: PolicyPart, now: PolicyPart): string {
  const { body } = now;
  const instead = `${sayBody(now)}, instead of ${sayBody(old)}.`;
  switch (body.kind) {
    case 'deny_if':
      return `Calls are now denied when ${instead}`;
    case 'require':
      return `Calls must now meet ${instead}`;
    case 'approval':
      return `Calls now need ${instead}`;
    case 'limit':
      return `Limit "${body.limit.counter}" allows ${instead}`;
    case 'answer':
      return `Answers are now withheld when ${instead}`;
    default:
      return `Of answers and records: ${instead}`;
  }
}

/** A part as it is said beside the one whose place it takes; what admits or hides takes the place of none. */
function sayBody({ body }: PolicyPart): string {
  switch (body.kind) {
    case 'deny_if':
    case 'require':
    case 'answer':
      return sayConditions(body.element.conditions) + (body.kind !== 'require' && body.element.onMissing === 'deny' ? ', or a value for it is missing' : '');
    case 'approval':
      return sayApproval(body.approval);
    case 'limit':
      return sayLimit(body.limit);
    case 'redaction':
      return sayRedaction(body.redaction);
    case 'max_bytes':
      return `at most ${body.bytes} bytes`;
    case 'record':
      return `arguments are recorded as ${body.level}`;
    default:
      return body.kind;
  }
}

function when(part: PolicyPart): string {
  const said = sayBody(part);
  return said === 'always' ? said : `when ${said}`;
}

function sayApproval({ approvers, quorum, when: conditions, expiresInSeconds, holdSeconds }: ApprovalRule): string {
  const who = approvers.length === 0 ? (quorum === 1 ? 'a person' : `${quorum} people`) : `${quorum} of ${approvers.join(', ')}`;
  const within = expiresInSeconds === APPROVAL_DEFAULTS.expiresInSeconds ? '' : ` within ${expiresInSeconds} seconds`;
  const held = holdSeconds === APPROVAL_DEFAULTS.holdSeconds ? '' : `, the call waiting ${holdSeconds} seconds for it`;
  return `the approval of ${who}${within}${held}${conditions.length === 0 ? '' : ` when ${sayConditions(conditions)}`}`;
}

function sayConditions(conditions: readonly Condition[]): string {
  return conditions.map(describeCondition).join(' and ') || 'always';
}

function sayRedaction(redaction: Redaction): string {
  const what = redaction.kind === 'detector' ? `what looks like ${redaction.detector}` : redaction.path.text;
  return `${redaction.action} ${what}`;
}

function sayLimit(limit: Limit): string {
  const max = formatDecimal(limit.max);
  const calls = `${limit.count === 'success' ? 'successful ' : ''}${max === '1' ? 'call' : 'calls'}`;
  const what = limit.incrementFrom === undefined ? calls : `of ${limit.incrementFrom.text}${limit.count === 'success' ? ' in successful calls' : ''}`;
  const beyond = limit.onExceed === 'require_approval' ? ', more with an approval' : '';
  const away = limit.class === 'soft' ? ', counted by each worker alone while the store is away' : '';
  return `${max} ${what} ${sayWindow(limit.window, limit.algorithm)} for each ${sayScope(limit.scope)}${beyond}${away}`;
}

/** What a section admits by name or as a class, to begin a sentence with. */
function sayTools(scope: SectionScope): string {
  if (scope.kind !== 'select') return scope.kind === 'tool' ? `Calls of ${scope.tool}` : 'Tools';
  return `T${sayMatch(scope.match).slice(1)}`;
}
