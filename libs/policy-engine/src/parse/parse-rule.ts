import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import type { Condition, Limit, Rule, RuleElement } from '../document.js';
import { parseCondition, type PatternBudget } from './parse-condition.js';
import { parseLimit, parseRateLimit } from './parse-limit.js';
import { inside, listOf, objectWith, oneOf, textOf, type Fields, type Place } from './shape.js';

const RULE: Fields = {
  known: ['require', 'deny_if', 'limits', 'action', 'reason', 'rate_limit'],
  later: ['approval', 'response', 'record'],
};
const ELEMENT: Fields = { known: ['conditions', 'on_deny'], required: ['conditions'], later: ['on_missing'] };
const ACTIONS = ['allow', 'deny', 'require_approval'] as const;
const MAX_ELEMENTS = 100;
const MAX_CONDITIONS = 100;
const MAX_MESSAGE = 2_000;

/** Parses the rule of one tool or of all tools; what is wrong is reported and left out. */
export function parseRule(value: JsonValue, place: Place, patterns: PatternBudget): Rule | undefined {
  const object = objectWith(value, place, RULE);
  if (object === undefined || hasTooManyConditions(object, place)) return undefined;
  const action = oneOf(object['action'], inside(place, 'action'), { members: ACTIONS });
  const reason = textOf(object['reason'], inside(place, 'reason'), MAX_MESSAGE);
  const rateLimit = object['rate_limit'] === undefined ? undefined : parseRateLimit(object['rate_limit'], inside(place, 'rate_limit'));
  return {
    require: parseElements(object['require'], inside(place, 'require'), patterns),
    denyIf: parseElements(object['deny_if'], inside(place, 'deny_if'), patterns),
    limits: parseLimits(object['limits'], inside(place, 'limits')),
    ...(action === undefined ? {} : { action }),
    ...(reason === undefined ? {} : { reason }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}

function parseElements(value: JsonValue | undefined, place: Place, patterns: PatternBudget): readonly RuleElement[] {
  return listOf(value, place, MAX_ELEMENTS).flatMap((element, index) => parseElement(element, inside(place, index), patterns) ?? []);
}

function parseElement(value: JsonValue, place: Place, patterns: PatternBudget): RuleElement | undefined {
  const object = objectWith(value, place, ELEMENT);
  if (object === undefined) return undefined;
  const onDeny = textOf(object['on_deny'], inside(place, 'on_deny'), MAX_MESSAGE);
  const conditionsPlace = inside(place, 'conditions');
  const conditions: Condition[] = [];
  for (const [index, each] of listOf(object['conditions'], conditionsPlace, MAX_CONDITIONS).entries()) {
    const condition = parseCondition(each, inside(conditionsPlace, index), patterns);
    if (condition !== undefined) conditions.push(condition);
  }
  return { conditions, ...(onDeny === undefined ? {} : { onDeny }) };
}

function parseLimits(value: JsonValue | undefined, place: Place): readonly Limit[] {
  return listOf(value, place, MAX_ELEMENTS).flatMap((limit, index) => parseLimit(limit, inside(place, index)) ?? []);
}

function hasTooManyConditions(rule: JsonObject, place: Place): boolean {
  const count = conditionsIn(rule['require']) + conditionsIn(rule['deny_if']);
  if (count <= MAX_CONDITIONS) return false;
  place.findings.add('too_many', place.pointer, `This rule has ${count} conditions; at most ${MAX_CONDITIONS} are allowed.`);
  return true;
}

function conditionsIn(list: JsonValue | undefined): number {
  if (!Array.isArray(list)) return 0;
  let count = 0;
  for (const element of list as readonly JsonValue[]) {
    const conditions = isJsonObject(element) ? element['conditions'] : undefined;
    if (Array.isArray(conditions)) count += conditions.length;
  }
  return count;
}
