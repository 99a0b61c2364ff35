import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { RECORD_LEVELS, type Limit, type Rule } from '../document.js';
import { parseApproval } from './parse-approval.js';
import { countConditions } from './parse-condition.js';
import { parseElements } from './parse-element.js';
import { parseLimit, parseRateLimit } from './parse-limit.js';
import { parseResponse } from './parse-response.js';
import { inside, listOf, objectWith, oneOf, optional, textOf, type DocumentPlace } from './shape.js';

const FIELDS = ['require', 'deny_if', 'limits', 'action', 'reason', 'rate_limit', 'approval', 'response', 'record'];
const ACTIONS = ['allow', 'deny', 'require_approval'] as const;
const MAX_LIMITS = 100;
const MAX_CONDITIONS = 100;
const MAX_MESSAGE = 2_000;

/**
 * Parses the rule of one tool, of a class or of all tools; what is wrong is reported and left out.
 *
 * @param others Fields that the object has besides those of a rule; their names are known here, nothing more.
 */
export function parseRule(value: JsonValue, place: DocumentPlace, others: readonly string[] = []): Rule | undefined {
  const object = objectWith(value, place, { known: [...FIELDS, ...others] });
  if (object === undefined || hasTooManyConditions(object, place)) return undefined;
  const rule: Rule = {
    require: parseElements(object['require'], inside(place, 'require')),
    denyIf: parseElements(object['deny_if'], inside(place, 'deny_if')),
    limits: parseLimits(object['limits'], inside(place, 'limits')),
    ...optional('action', oneOf(object['action'], inside(place, 'action'), ACTIONS)),
    ...optional('reason', textOf(object['reason'], inside(place, 'reason'), MAX_MESSAGE)),
    ...optional('rateLimit', parsed(object['rate_limit'], inside(place, 'rate_limit'), parseRateLimit)),
    ...optional('approval', parsed(object['approval'], inside(place, 'approval'), parseApproval)),
    ...optional('response', parsed(object['response'], inside(place, 'response'), parseResponse)),
    ...optional('record', oneOf(object['record'], inside(place, 'record'), RECORD_LEVELS)),
  };
  if (rule.action === 'require_approval' && rule.approval !== undefined) {
    place.findings.add('bad_value', `${place.pointer}/action`, 'This rule has an "approval"; the action "require_approval" says another one.', 'Leave the action out.');
  }
  return rule;
}

function parsed<Part>(value: JsonValue | undefined, place: DocumentPlace, parse: (value: JsonValue, place: DocumentPlace) => Part | undefined): Part | undefined {
  return value === undefined ? undefined : parse(value, place);
}

function parseLimits(value: JsonValue | undefined, place: DocumentPlace): readonly Limit[] {
  return listOf(value, place, MAX_LIMITS).flatMap((limit, index) => parseLimit(limit, inside(place, index)) ?? []);
}

function hasTooManyConditions(rule: JsonObject, place: DocumentPlace): boolean {
  const approval = rule['approval'];
  const response = rule['response'];
  const count =
    conditionsIn(rule['require']) +
    conditionsIn(rule['deny_if']) +
    (isJsonObject(approval) ? countConditions(approval['if']) : 0) +
    (isJsonObject(response) ? conditionsIn(response['deny_if']) : 0);
  if (count <= MAX_CONDITIONS) return false;
  place.findings.add('too_many', place.pointer, `This rule has ${count} conditions; at most ${MAX_CONDITIONS} are allowed.`);
  return true;
}

function conditionsIn(list: JsonValue | undefined): number {
  if (!Array.isArray(list)) return 0;
  let count = 0;
  for (const element of list as readonly JsonValue[]) if (isJsonObject(element)) count += countConditions(element['conditions']);
  return count;
}
