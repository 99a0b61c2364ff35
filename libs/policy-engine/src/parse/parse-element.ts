import type { JsonValue } from '@sallyport/kernel';

import type { RuleElement } from '../document.js';
import { parseConditions } from './parse-condition.js';
import { inside, listOf, objectWith, oneOf, optional, textOf, type DocumentPlace, type Fields } from './shape.js';

const FIELDS: Fields = { known: ['conditions', 'on_deny', 'on_missing'], required: ['conditions'] };
const MAX_ELEMENTS = 100;
const MAX_MESSAGE = 2_000;

/** Parses `require` or `deny_if`; what is wrong is reported and left out. */
export function parseElements(value: JsonValue | undefined, place: DocumentPlace): readonly RuleElement[] {
  return listOf(value, place, MAX_ELEMENTS).flatMap((element, index) => parseElement(element, inside(place, index)) ?? []);
}

function parseElement(value: JsonValue, place: DocumentPlace): RuleElement | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined) return undefined;
  const onDeny = textOf(object['on_deny'], inside(place, 'on_deny'), MAX_MESSAGE);
  const onMissing = oneOf(object['on_missing'], inside(place, 'on_missing'), ['deny'] as const);
  const conditions = parseConditions(object['conditions'], inside(place, 'conditions'));
  return { conditions, ...optional('onDeny', onDeny), ...optional('onMissing', onMissing) };
}
