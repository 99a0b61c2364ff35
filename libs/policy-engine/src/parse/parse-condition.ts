import { isJsonObject, type JsonValue } from '@sallyport/kernel';

import type { Condition } from '../document.js';
import { parseCel } from './parse-cel.js';
import { parseComparison } from './parse-comparison.js';
import { anyObject, badType, inside, objectWith, type DocumentPlace } from './shape.js';

const KINDS = ['any', 'all', 'not', 'cel'] as const;
type Kind = (typeof KINDS)[number];

/** Parses one condition: a comparison, a group of conditions, a negation or a CEL expression. */
export function parseCondition(value: JsonValue, place: DocumentPlace): Condition | undefined {
  const object = anyObject(value, place);
  if (object === undefined) return undefined;
  const kind = KINDS.find((each) => object[each] !== undefined);
  return kind === undefined ? parseComparison(value, place) : parseKind(kind, value, place);
}

/** Parses a list of conditions of which at least one is wanted where they are a group's; what is wrong is reported and left out. */
export function parseConditions(value: JsonValue | undefined, place: DocumentPlace): readonly Condition[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return badType(place, 'a list', value) ?? [];
  return (value as readonly JsonValue[]).flatMap((each, index) => parseCondition(each, inside(place, index)) ?? []);
}

/** How many conditions stand in a list, groups and what is in them counted one by one; whatever is no condition counts as one. */
export function countConditions(list: JsonValue | undefined): number {
  if (!Array.isArray(list)) return 0;
  let count = 0;
  for (const each of list as readonly JsonValue[]) {
    count += 1;
    if (isJsonObject(each)) count += countConditions(each['any']) + countConditions(each['all']) + countNegated(each['not']);
  }
  return count;
}

function countNegated(value: JsonValue | undefined): number {
  return value === undefined ? 0 : countConditions([value]);
}

function parseKind(kind: Kind, value: JsonValue, place: DocumentPlace): Condition | undefined {
  const body = objectWith(value, place, { known: [kind] })?.[kind];
  if (body === undefined) return undefined;
  const at = inside(place, kind);
  switch (kind) {
    case 'any':
    case 'all':
      return parseGroup(kind, body, at);
    case 'not': {
      const condition = parseCondition(body, at);
      return condition === undefined ? undefined : { kind, condition };
    }
    case 'cel':
      return parseCel(body, at);
  }
}

function parseGroup(kind: 'any' | 'all', value: JsonValue, place: DocumentPlace): Condition {
  if (Array.isArray(value) && value.length === 0) place.findings.add('bad_value', place.pointer, 'A group needs at least one condition.');
  return { kind, conditions: parseConditions(value, place) };
}
