import type { JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import { didYouMean } from '../closest-name.js';
import { OPS, type Comparison, type Op } from '../document.js';
import { checkSchema } from '../schema/check-schema.js';
import { checkHosts } from './check-hosts.js';
import { parsePath } from './parse-path.js';
import { badType, inside, objectWith, type DocumentPlace } from './shape.js';

const FIELDS = { known: ['path', 'op', 'value'] };

/** Parses a comparison, and checks its value against its operator. */
export function parseComparison(value: JsonValue, place: DocumentPlace): Comparison | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined) return undefined;
  for (const key of FIELDS.known) {
    if (object[key] === undefined) place.findings.add('missing_field', place.pointer, `A condition needs "${key}".`);
  }
  const path = object['path'] === undefined ? undefined : parsePath(object['path'], inside(place, 'path'));
  const op = object['op'] === undefined ? undefined : parseOp(object['op'], inside(place, 'op'));
  const operand = object['value'];
  if (path === undefined || op === undefined || operand === undefined) return undefined;
  checkOperand(op, operand, inside(place, 'value'));
  return { kind: 'comparison', path, op, value: operand };
}

function parseOp(value: JsonValue, place: DocumentPlace): Op | undefined {
  const op = OPS.find((each) => each === value);
  if (op !== undefined) return op;
  if (typeof value !== 'string') return badType(place, 'the name of an operator', value);
  place.findings.add('unknown_op', place.pointer, `There is no such operator. There are ${OPS.join(', ')}.`, didYouMean(value, OPS));
  return undefined;
}

function checkOperand(op: Op, value: JsonValue, place: DocumentPlace): void {
  switch (op) {
    case 'eq':
    case 'neq':
    case 'contains':
      return;
    case 'in':
    case 'not_in':
      return Array.isArray(value) ? undefined : badType(place, `a list, for "${op}"`, value);
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return isNumber(value) ? undefined : badType(place, `a number, for "${op}"`, value);
    case 'length_gt':
    case 'length_lt':
      return isNumber(value) ? undefined : badType(place, `a number, for "${op}"`, value);
    case 'exists':
      return typeof value === 'boolean' ? undefined : badType(place, 'true or false, for "exists"', value);
    case 'starts_with':
    case 'ends_with':
      return typeof value === 'string' ? undefined : badType(place, `a text, for "${op}"`, value);
    case 'regex':
      return checkPattern(value, place);
    case 'host_in':
    case 'host_not_in':
      return checkHosts(value, place);
    case 'matches_schema':
      return checkSchema(value, place, (pattern) => place.budget.refusalOfPattern(pattern));
  }
}

function checkPattern(value: JsonValue, place: DocumentPlace): void {
  if (typeof value !== 'string') return badType(place, 'a pattern', value);
  const refusal = place.budget.refusalOfPattern(value);
  if (refusal !== undefined) place.findings.add('bad_regex', place.pointer, refusal);
}
