import type { JsonObject, JsonValue } from '@sallyport/kernel';

import { didYouMean } from '../closest-name.js';
import { inside, listOf, objectWith, textOf, type Place } from '../parse/shape.js';
import { looselyEqual } from './loose-equality.js';

/** The operators of the older form. */
const OLD_OPS = ['eq', 'neq', 'in', 'not_in', 'lt', 'lte', 'gt', 'gte', 'regex', 'contains', 'exists'] as const;
type OldOp = (typeof OLD_OPS)[number];
const FIELDS = { known: ['path', 'op', 'value'], required: ['path', 'op'] };
const LONGEST = 512;
const PLAIN_SEGMENT = /^[^.[\]]+$/;
const LIST_INDEX = /^(?:0|[1-9]\d*)$/;
const MAX_LIST = 1_000;

/** One condition of the older form: about arguments, written as ours, or about a counter. */
export type ImportedCondition =
  | { readonly kind: 'arguments'; readonly written: JsonObject; readonly place: Place }
  | { readonly kind: 'state'; readonly path: string; readonly op: string; readonly value: JsonValue; readonly place: Place };

/** Converts one condition that must hold; what cannot be said exactly is reported. */
export function importCondition(value: JsonValue, place: Place): ImportedCondition | undefined {
  const object = objectWith(value, place, FIELDS);
  const path = textOf(object?.['path'], inside(place, 'path'), LONGEST);
  const op = opOf(object?.['op'], inside(place, 'op'));
  if (object === undefined || path === undefined || op === undefined) return undefined;
  const operand = object['value'] ?? null;
  if (path.startsWith('state.')) return { kind: 'state', path, op, value: operand, place };
  if (!path.startsWith('args.')) return refused(inside(place, 'path'), 'A path of the older form starts with args. or state.');
  const ownPath = importPath(path, inside(place, 'path'));
  const written = ownPath === undefined ? undefined : comparison(ownPath, op, { operand, place: inside(place, 'value') });
  return written === undefined ? undefined : { kind: 'arguments', written, place };
}

/** A path of the older form, in which dots alone part names: ours where they mean the same, else a pointer. */
export function importPath(path: string, place: Place): JsonValue | undefined {
  const names = path.slice('args.'.length).split('.');
  if (names.every((name) => PLAIN_SEGMENT.test(name))) return path;
  if (names.some((name) => LIST_INDEX.test(name))) return refused(place, 'This path names a key that is a number beside one that only a pointer can name, and a pointer would reach into lists with it.');
  return { pointer: names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') };
}

/** Reports what has no exact form here. */
export function refused(place: Place, message: string): undefined {
  place.findings.add('not_exact', place.pointer, message);
  return undefined;
}

function opOf(value: JsonValue | undefined, place: Place): OldOp | undefined {
  if (value === undefined) return undefined;
  const op = OLD_OPS.find((each) => each === value);
  if (op === undefined) place.findings.add('unknown_op', place.pointer, `The older form has the operators ${OLD_OPS.join(', ')}.`, typeof value === 'string' ? didYouMean(value, OLD_OPS) : undefined);
  return op;
}

interface Operand {
  readonly operand: JsonValue;
  readonly place: Place;
}

function comparison(path: JsonValue, op: OldOp, { operand, place }: Operand): JsonObject | undefined {
  switch (op) {
    case 'eq':
    case 'neq':
      return membership(path, op === 'eq' ? 'in' : 'not_in', [{ operand, place }]);
    case 'in':
    case 'not_in': {
      if (!Array.isArray(operand)) return notAList(place, op);
      return membership(path, op, listOf(operand, place, MAX_LIST).map((each, index) => ({ operand: each, place: inside(place, index) })));
    }
    case 'contains':
      return containment(path, { operand, place });
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
    case 'regex':
    case 'exists':
      return { path, op, value: operand };
  }
}

function membership(path: JsonValue, op: 'in' | 'not_in', operands: readonly Operand[]): JsonObject | undefined {
  const values: JsonValue[] = [];
  for (const { operand, place } of operands) {
    const equals = looselyEqual(operand);
    if (equals === undefined) return refused(place, 'The older form compares this by how it is printed, with more values than can be listed here.');
    values.push(...equals);
  }
  const [only, second] = values;
  if (only === undefined || second !== undefined) return { path, op, value: values };
  return { path, op: op === 'in' ? 'eq' : 'neq', value: only };
}

function containment(path: JsonValue, { operand, place }: Operand): JsonObject | undefined {
  const equals = typeof operand === 'string' ? looselyEqual(operand) : undefined;
  if (equals === undefined) return refused(place, 'Only a text can be looked for with the same meaning: of lists the older form compares the elements by how they are printed.');
  const written = equals.map((value) => ({ path, op: 'contains', value }));
  return written.length === 1 ? written[0] : { any: written };
}

function notAList(place: Place, op: string): undefined {
  place.findings.add('bad_type', place.pointer, `This must be a list, for "${op}".`);
  return undefined;
}
