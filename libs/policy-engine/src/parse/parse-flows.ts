import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { DEFAULT_FLOW_SECONDS, type Flow, type FlowSpan } from '../document.js';
import { parseDuration } from './parse-duration.js';
import { parseFlowMatch } from './parse-match.js';
import { inside, listOf, objectWith, oneOf, optional, textOf, type DocumentPlace, type Fields } from './shape.js';

const FIELDS: Fields = { known: ['after', 'deny', 'within', 'unless'], required: ['after', 'deny'] };
const MAX_FLOWS = 100;
const MAX_MARK = 64;
const LONGEST_SECONDS = 30 * 86_400;

/** Parses `flows`; what is wrong is reported and left out. */
export function parseFlows(value: JsonValue | undefined, place: DocumentPlace): readonly Flow[] {
  return listOf(value, place, MAX_FLOWS).flatMap((each, index) => parseFlow(each, inside(place, index)) ?? []);
}

function parseFlow(value: JsonValue, place: DocumentPlace): Flow | undefined {
  const object = objectWith(value, place, FIELDS);
  if (object === undefined) return undefined;
  const after = object['after'] === undefined ? undefined : parseFlowMatch(object['after'], inside(place, 'after'), ['marks']);
  const marks = parseMark(object, inside(place, 'after'));
  const deny = object['deny'] === undefined ? undefined : parseFlowMatch(object['deny'], inside(place, 'deny'));
  const within = parseSpan(object['within'], inside(place, 'within'));
  const unless = oneOf(object['unless'], inside(place, 'unless'), ['approval'] as const);
  if (after === undefined || marks === undefined || deny === undefined || within === undefined) return undefined;
  return { after, marks, deny, within, ...optional('unless', unless) };
}

function parseMark(flow: JsonObject, place: DocumentPlace): string | undefined {
  const after = flow['after'];
  if (!isJsonObject(after)) return undefined;
  if (after['marks'] === undefined) place.findings.add('missing_field', place.pointer, '"marks" is required here.');
  return textOf(after['marks'], inside(place, 'marks'), MAX_MARK);
}

function parseSpan(value: JsonValue | undefined, place: DocumentPlace): FlowSpan | undefined {
  if (value === undefined) return DEFAULT_FLOW_SECONDS;
  return value === 'session' ? value : parseDuration(value, place, { least: 1, most: LONGEST_SECONDS });
}
