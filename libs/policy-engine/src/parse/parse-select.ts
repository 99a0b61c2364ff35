import { isJsonObject, type JsonValue } from '@sallyport/kernel';

import type { Selection } from '../document.js';
import { parseToolMatch } from './parse-match.js';
import { parseRule } from './parse-rule.js';
import { badType, inside, listOf, trueOrFalse, type DocumentPlace } from './shape.js';

const MAX_SELECTIONS = 1_000;

/** Parses `select`; what is wrong is reported and left out. */
export function parseSelect(value: JsonValue | undefined, place: DocumentPlace): readonly Selection[] {
  return listOf(value, place, MAX_SELECTIONS).flatMap((each, index) => parseSelection(each, inside(place, index)) ?? []);
}

function parseSelection(value: JsonValue, place: DocumentPlace): Selection | undefined {
  if (!isJsonObject(value)) return badType(place, 'an object', value);
  if (value['match'] === undefined) place.findings.add('missing_field', place.pointer, '"match" is required here.');
  const match = value['match'] === undefined ? undefined : parseToolMatch(value['match'], inside(place, 'match'));
  const allow = trueOrFalse(value['allow'], inside(place, 'allow')) ?? false;
  const rule = parseRule(value, place, ['match', 'allow']);
  return match === undefined || rule === undefined ? undefined : { match, allow, rule };
}
