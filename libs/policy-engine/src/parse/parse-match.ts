import type { JsonObject, JsonValue } from '@sallyport/kernel';

import { TOOL_CATEGORIES, TOOL_RISKS, type FlowMatch, type ToolMatch } from '../document.js';
import { parseToolName } from './parse-tool-name.js';
import { anyObject, badType, inside, listOf, objectWith, oneOf, optional, textOf, type DocumentPlace } from './shape.js';

const TOOL_FIELDS = ['category', 'risk', 'name', 'annotations'];
const MAX_MEMBERS = 1_000;
const MAX_HINTS = 20;
const MAX_TEXT = 256;

/** Parses a class of tools; it says at least one thing. */
export function parseToolMatch(value: JsonValue, place: DocumentPlace): ToolMatch | undefined {
  const object = matchObject(value, place, TOOL_FIELDS);
  return object === undefined ? undefined : toolMatch(object, place);
}

/**
 * Parses a class of calls; it says at least one thing.
 *
 * @param others Fields that the object has besides; their names are known here, nothing more.
 */
export function parseFlowMatch(value: JsonValue, place: DocumentPlace, others: readonly string[] = []): FlowMatch | undefined {
  const object = matchObject(value, place, [...TOOL_FIELDS, 'server'], others);
  if (object === undefined) return undefined;
  const server = members(object['server'], inside(place, 'server'), (each, at) => textOf(each, at, MAX_TEXT));
  return { ...toolMatch(object, place), ...optional('server', server) };
}

function matchObject(value: JsonValue, place: DocumentPlace, fields: readonly string[], others: readonly string[] = []): JsonObject | undefined {
  const object = objectWith(value, place, { known: [...fields, ...others] });
  if (object === undefined || fields.some((field) => object[field] !== undefined)) return object;
  place.findings.add('missing_field', place.pointer, `This must say what it matches: ${fields.join(', ')}.`, 'For every tool, write "name": ["*"].');
  return undefined;
}

function toolMatch(object: JsonObject, place: DocumentPlace): ToolMatch {
  const category = members(object['category'], inside(place, 'category'), (each, at) => oneOf(each, at, TOOL_CATEGORIES));
  const risk = members(object['risk'], inside(place, 'risk'), (each, at) => oneOf(each, at, TOOL_RISKS));
  const name = members(object['name'], inside(place, 'name'), parseToolName);
  const annotations = parseAnnotations(object['annotations'], inside(place, 'annotations'));
  return { ...optional('category', category), ...optional('risk', risk), ...optional('name', name), ...optional('annotations', annotations) };
}

function members<Member>(
  value: JsonValue | undefined,
  place: DocumentPlace,
  parse: (each: JsonValue, at: DocumentPlace) => Member | undefined,
): readonly Member[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length === 0) place.findings.add('bad_value', place.pointer, 'An empty list matches nothing; leave the field out, or name something.');
  return listOf(value, place, MAX_MEMBERS).flatMap((each, index) => parse(each, inside(place, index)) ?? []);
}

function parseAnnotations(value: JsonValue | undefined, place: DocumentPlace): Readonly<Record<string, boolean | string>> | undefined {
  const object = value === undefined ? undefined : anyObject(value, place);
  if (object === undefined) return undefined;
  const names = Object.keys(object);
  if (names.length === 0 || names.length > MAX_HINTS) {
    place.findings.add('bad_value', place.pointer, `This names 1 to ${MAX_HINTS} annotations.`);
    return undefined;
  }
  const annotations: Record<string, boolean | string> = Object.create(null);
  for (const name of names) {
    const hint = object[name];
    if (typeof hint === 'boolean' || typeof hint === 'string') annotations[name] = hint;
    else badType(inside(place, name), 'true, false or a text', hint ?? null);
  }
  return annotations;
}
