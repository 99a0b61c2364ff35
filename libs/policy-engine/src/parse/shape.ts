import { ExactNumber, isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { didYouMean } from '../closest-name.js';
import { pointerToken, type FindingList } from '../finding.js';
import type { DocumentBudget } from './document-budget.js';

/** Where in the document a value stands, and where to report what is wrong with it. */
export interface Place {
  readonly findings: FindingList;
  readonly pointer: string;
}

/** A place in a policy document. `pathsFrom`: where pointers start, and whether paths may lead into the tool's answer. */
export interface DocumentPlace extends Place {
  readonly budget: DocumentBudget;
  readonly pathsFrom: 'args' | 'result';
}

/** The fields an object may have. */
export interface Fields {
  readonly known: readonly string[];
  readonly required?: readonly string[];
}

/** The place of a member. */
export function inside<Where extends Place>(place: Where, key: string | number): Where {
  return { ...place, pointer: `${place.pointer}/${pointerToken(key)}` };
}

/** The value as an object whose fields are all known and whose required fields are there; reports what is not so. */
export function objectWith(value: JsonValue, place: Place, fields: Fields): JsonObject | undefined {
  const object = anyObject(value, place);
  if (object === undefined) return undefined;
  for (const key of Object.keys(object)) checkField(key, inside(place, key), fields);
  for (const key of fields.required ?? []) {
    if (object[key] === undefined) place.findings.add('missing_field', place.pointer, `"${key}" is required here.`);
  }
  return object;
}

/** The value as an object with any keys. */
export function anyObject(value: JsonValue, place: Place): JsonObject | undefined {
  if (isJsonObject(value)) return value;
  return badType(place, 'an object', value);
}

/** The value as a list of at most `most` elements. */
export function listOf(value: JsonValue | undefined, place: Place, most: number): readonly JsonValue[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return badType(place, 'a list', value) ?? [];
  if (value.length <= most) return value as readonly JsonValue[];
  place.findings.add('too_many', place.pointer, `This list has ${value.length} elements; at most ${most} are allowed.`);
  return [];
}

/** The value as a text of 1 to `longest` characters; `undefined` too where the field is absent. */
export function textOf(value: JsonValue | undefined, place: Place, longest: number): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return badType(place, 'a text', value);
  if (value.length > 0 && value.length <= longest) return value;
  place.findings.add('bad_value', place.pointer, `This text has ${value.length} characters; 1 to ${longest} are allowed.`);
  return undefined;
}

/** The value as one of a closed set of texts. */
export function oneOf<Member extends string>(value: JsonValue | undefined, place: Place, members: readonly Member[]): Member | undefined {
  if (value === undefined) return undefined;
  const member = members.find((each) => each === value);
  if (member !== undefined) return member;
  const fix = typeof value === 'string' ? didYouMean(value, members) : undefined;
  place.findings.add('bad_value', place.pointer, `This must be ${quotedList(members)}.`, fix);
  return undefined;
}

/** Reports a value of the wrong type. */
export function badType(place: Place, wanted: string, value: JsonValue): undefined {
  place.findings.add('bad_type', place.pointer, `This must be ${wanted}, but it is ${typeName(value)}.`);
  return undefined;
}

/** The value as a whole number from `least` to `most`. */
export function wholeNumber(value: JsonValue | undefined, place: Place, range: { readonly least: number; readonly most: number }): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.least && value <= range.most) return value;
  place.findings.add('bad_value', place.pointer, `This must be a whole number from ${range.least} to ${range.most}.`);
  return undefined;
}

/** The value as true or false. */
export function trueOrFalse(value: JsonValue | undefined, place: Place): boolean | undefined {
  return value === undefined || typeof value === 'boolean' ? value : badType(place, 'true or false', value);
}

/** Spreads as the one member, or as nothing where the value is absent. */
export function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [Name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [Name in Key]?: Value });
}

/** `"a", "b" or "c"`. */
export function quotedList(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

function checkField(key: string, place: Place, fields: Fields): void {
  if (fields.known.includes(key) || place.findings.isFull) return;
  place.findings.add('unknown_field', place.pointer, `There is no field "${shortened(key)}" here.`, didYouMean(key, fields.known));
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof ExactNumber || typeof value === 'number') return 'a number';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'boolean' ? 'true or false' : 'an object';
}
