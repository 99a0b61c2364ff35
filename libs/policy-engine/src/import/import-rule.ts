import type { JsonObject, JsonValue } from '@sallyport/kernel';

import { inside, listOf, objectWith, oneOf, optional, textOf, wholeNumber, type Place } from '../parse/shape.js';
import { importCondition, importPath, refused, type ImportedCondition } from './import-condition.js';

const RULE = { known: ['name', 'action', 'rate_limit', 'conditions', 'on_deny', 'state'] };
const STATE = { known: ['counter', 'window', 'increment', 'increment_from'], required: ['counter', 'window'] };
const ACTIONS = ['evaluate', 'deny'] as const;
const WINDOWS = ['minute', 'hour', 'day'] as const;
const RATE = /^(\+?[1-9]\d{0,14})\/(minute|hour|day)$/;
const LONGEST = 2_000;
const MAX_CONDITIONS = 100;
const MOST_UNITS = Number.MAX_SAFE_INTEGER;

/** What one rule of the older form comes to; each part knows where it stood. */
export interface ImportedRule {
  readonly denyIf?: JsonObject;
  readonly require?: JsonObject;
  readonly limit?: JsonObject;
  readonly place: Place;
  /** Where each condition of `require` stood. */
  readonly conditions: readonly string[];
}

/** The tool a rule is for, and the name its counters are kept under: the tool's, or `_global` for rules of `"*"`. */
export interface RuleOwner {
  readonly scope: string;
}

interface State {
  readonly counter: string;
  readonly window: string;
  readonly increment: number;
  readonly incrementFrom?: JsonValue;
}

/** Converts one rule. Its name is told in its message where it has none of its own, as the older form did. */
export function importRule(value: JsonValue, place: Place, owner: RuleOwner): ImportedRule | undefined {
  const object = objectWith(value, place, RULE);
  if (object === undefined) return undefined;
  const name = textOf(object['name'], inside(place, 'name'), LONGEST);
  const onDeny = object['on_deny'] === '' ? undefined : textOf(object['on_deny'], inside(place, 'on_deny'), LONGEST);
  const action = oneOf(object['action'] ?? 'evaluate', inside(place, 'action'), ACTIONS);
  if (object['rate_limit'] !== undefined) return rateLimit(object, place, { owner, onDeny });
  if (name === undefined && object['name'] === undefined) place.findings.add('missing_field', place.pointer, 'A rule needs a "name".');
  const message = onDeny ?? `Denied by rule "${name ?? ''}"`;
  const conditions = listOf(object['conditions'], inside(place, 'conditions'), MAX_CONDITIONS);
  if (action === 'deny') return deny(conditions, place, message);
  if (conditions.length === 0) place.findings.add('missing_field', place.pointer, 'A rule that evaluates needs at least one condition.');
  return evaluate(object, place, { owner, onDeny, message, name: name ?? '' });
}

function deny(conditions: readonly JsonValue[], place: Place, message: string): ImportedRule {
  if (conditions.length > 0) place.findings.add('bad_value', inside(place, 'conditions').pointer, 'A rule that denies has no conditions.');
  return { denyIf: { conditions: [], on_deny: message }, place, conditions: [] };
}

function rateLimit(object: JsonObject, place: Place, { owner, onDeny }: { readonly owner: RuleOwner; readonly onDeny: string | undefined }): ImportedRule | undefined {
  for (const field of ['conditions', 'state']) {
    if (object[field] !== undefined) place.findings.add('bad_value', inside(place, field).pointer, `"rate_limit" does not go together with "${field}".`);
  }
  if (object['action'] === 'deny') place.findings.add('bad_value', inside(place, 'action').pointer, 'A rule that denies has no "rate_limit".');
  const at = inside(place, 'rate_limit');
  const rate = textOf(object['rate_limit'], at, LONGEST);
  const [, count, window] = RATE.exec(rate ?? '') ?? [];
  if (count === undefined || window === undefined) {
    if (rate !== undefined) at.findings.add('bad_value', at.pointer, 'A rate limit is a number, / and minute, hour or day: 5/hour.');
    return undefined;
  }
  const message = onDeny ?? `Rate limit of ${Number(count)} per ${window} reached. Try again later.`;
  return { limit: limit({ counter: `${owner.scope}._rate_${window}`, window, max: Number(count), on_deny: message }), place, conditions: [] };
}

interface Evaluated {
  readonly owner: RuleOwner;
  readonly onDeny: string | undefined;
  readonly message: string;
  readonly name: string;
}

function evaluate(object: JsonObject, place: Place, { owner, onDeny, message, name }: Evaluated): ImportedRule {
  const state = object['state'] === undefined || object['state'] === null ? undefined : parseState(object['state'], inside(place, 'state'));
  const conditions = listOf(object['conditions'], inside(place, 'conditions'), MAX_CONDITIONS).map((each, index) => importCondition(each, inside(inside(place, 'conditions'), index)));
  const own = conditions.flatMap((each) => (each?.kind === 'arguments' ? [each] : []));
  const bounds = conditions.flatMap((each) => (each?.kind === 'state' ? [each] : []));
  const max = bounds.length === 0 ? undefined : boundOf(bounds, { state, owner });
  return {
    ...(own.length === 0 ? {} : { require: { conditions: own.map((each) => each.written), on_deny: message } }),
    ...(max === undefined || state === undefined ? {} : { limit: limit({ counter: `${owner.scope}.${state.counter}`, window: state.window, max, ...optional('increment_from', state.incrementFrom), on_deny: onDeny ?? `Rate limit exceeded for ${name}` }) }),
    place,
    conditions: own.map((each) => each.place.pointer),
  };
}

function limit(fields: JsonObject): JsonObject {
  return { ...fields, scope: 'grant' };
}

type Bound = Extract<ImportedCondition, { kind: 'state' }>;

/** How many units, or calls, a rule's bound on its own counter allows in a window. */
function boundOf(bounds: readonly Bound[], { state, owner }: { readonly state: State | undefined; readonly owner: RuleOwner }): number | undefined {
  const [bound, second] = bounds;
  if (bound === undefined) return undefined;
  if (second !== undefined) return refused(second.place, 'A rule can bound its counter once; put the second bound in a rule of its own, with a counter of its own.');
  if (state === undefined || bound.path !== `state.${owner.scope}.${state.counter}`) return refused(inside(bound.place, 'path'), 'A condition can only read the counter that its own rule counts: here a limit counts and bounds in one.');
  if (bound.op !== 'lt' && bound.op !== 'lte') return refused(inside(bound.place, 'op'), 'A counter can only be bounded from above, by lt or lte.');
  const at = inside(bound.place, 'value');
  if (typeof bound.value !== 'number' || !Number.isSafeInteger(bound.value)) return refused(at, 'A counter is bounded by a whole number.');
  const units = bound.op === 'lt' ? bound.value - 1 : bound.value;
  if (units < 0) return refused(at, 'This bound allows no call at all; write a rule with action: deny.');
  return Math.floor(units / state.increment);
}

function parseState(value: JsonValue, place: Place): State | undefined {
  const object = objectWith(value, place, STATE);
  if (object === undefined) return undefined;
  const counter = textOf(object['counter'], inside(place, 'counter'), LONGEST);
  const window = oneOf(object['window'], inside(place, 'window'), WINDOWS);
  const increment = wholeNumber(object['increment'] === 0 ? 1 : (object['increment'] ?? 1), inside(place, 'increment'), { least: 1, most: MOST_UNITS });
  const from = object['increment_from'] === '' ? undefined : textOf(object['increment_from'], inside(place, 'increment_from'), LONGEST);
  if (counter === undefined || window === undefined || increment === undefined) return undefined;
  if (from !== undefined && !from.startsWith('args.')) return refused(inside(place, 'increment_from'), 'An amount is taken from an argument: args.<name>.');
  const incrementFrom = from === undefined ? undefined : importPath(from, inside(place, 'increment_from'));
  return { counter, window, increment: from === undefined ? increment : 1, ...optional('incrementFrom', incrementFrom) };
}
