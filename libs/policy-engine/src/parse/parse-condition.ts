import type { JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import { PatternCache, patternCost } from '../conditions/pattern.js';
import { didYouMean } from '../closest-name.js';
import { OPS, type Condition, type Op } from '../document.js';
import { parsePath } from './parse-path.js';
import { badType, inside, notSupported, objectWith, type Fields, type Place } from './shape.js';

const FIELDS: Fields = {
  known: ['path', 'op', 'value'],
  later: ['any', 'all', 'not', 'cel'],
};
const LATER_OPS = ['starts_with', 'ends_with', 'length_gt', 'length_lt', 'host_in', 'host_not_in', 'matches_schema'];
const LEAST_COST = 24;
const MAX_PATTERNS_COST = 8_000;

/** The patterns of one document, each compiled once, and what they cost together. */
export class PatternBudget {
  private readonly cache = new PatternCache();
  private readonly paid = new Set<string>();
  private spent = 0;

  /** Why this pattern is refused, or undefined. A budget that is overdrawn is said once: the document is refused in any case. */
  refusalOf(pattern: string): string | undefined {
    if (this.spent > MAX_PATTERNS_COST) return undefined;
    this.pay(pattern);
    if (this.spent > MAX_PATTERNS_COST) return 'The patterns of this policy are too many or too large together; use fewer or simpler ones.';
    const compiled = this.cache.get(pattern);
    return compiled.ok ? undefined : compiled.refusal;
  }

  private pay(pattern: string): void {
    if (this.paid.has(pattern)) return;
    this.paid.add(pattern);
    this.spent += Math.max(LEAST_COST, Math.min(pattern.length, 256), patternCost(pattern.slice(0, 256)));
  }
}

/** Parses one condition, and checks its value against its operator. */
export function parseCondition(value: JsonValue, place: Place, patterns: PatternBudget): Condition | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined || FIELDS.later?.some((key) => object[key] !== undefined)) return undefined;
  for (const key of FIELDS.known) {
    if (object[key] === undefined) place.findings.add('missing_field', place.pointer, `A condition needs "${key}".`);
  }
  const path = object['path'] === undefined ? undefined : parsePath(object['path'], inside(place, 'path'));
  const op = object['op'] === undefined ? undefined : parseOp(object['op'], inside(place, 'op'));
  const operand = object['value'];
  if (path === undefined || op === undefined || operand === undefined) return undefined;
  checkOperand(op, operand, { place: inside(place, 'value'), patterns });
  return { kind: 'comparison', path, op, value: operand };
}

function parseOp(value: JsonValue, place: Place): Op | undefined {
  const op = OPS.find((each) => each === value);
  if (op !== undefined) return op;
  if (typeof value !== 'string') return badType(place, 'the name of an operator', value);
  if (LATER_OPS.includes(value)) return notSupported(place, value);
  place.findings.add('unknown_op', place.pointer, `There is no such operator. There are ${OPS.join(', ')}.`, didYouMean(value, OPS));
  return undefined;
}

function checkOperand(op: Op, value: JsonValue, to: { readonly place: Place; readonly patterns: PatternBudget }): void {
  switch (op) {
    case 'eq':
    case 'neq':
    case 'contains':
      return;
    case 'in':
    case 'not_in':
      return Array.isArray(value) ? undefined : badType(to.place, `a list, for "${op}"`, value);
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return isNumber(value) ? undefined : badType(to.place, `a number, for "${op}"`, value);
    case 'exists':
      return typeof value === 'boolean' ? undefined : badType(to.place, 'true or false, for "exists"', value);
    case 'regex':
      return checkPattern(value, to.place, to.patterns);
  }
}

function checkPattern(value: JsonValue, place: Place, patterns: PatternBudget): void {
  if (typeof value !== 'string') return badType(place, 'a pattern', value);
  const refusal = patterns.refusalOf(value);
  if (refusal !== undefined) place.findings.add('bad_regex', place.pointer, refusal);
}
