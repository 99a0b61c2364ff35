import { ExactNumber, isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { didYouMean } from '../closest-name.js';
import { pointerToken, type FindingList } from '../finding.js';

/** Where in the document a value stands, and where to report what is wrong with it. */
export interface Place {
  readonly findings: FindingList;
  readonly pointer: string;
}

/** The fields an object may have, and those the language has but this version does not read yet. */
export interface Fields {
  readonly known: readonly string[];
  readonly required?: readonly string[];
  readonly later?: readonly string[];
}

/** The place of a member. */
export function inside(place: Place, key: string | number): Place {
  return { findings: place.findings, pointer: `${place.pointer}/${pointerToken(key)}` };
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

/** The value as one of a closed set of texts. `later`: members of the language that this version does not read yet. */
export function oneOf<Member extends string>(
  value: JsonValue | undefined,
  place: Place,
  set: { readonly members: readonly Member[]; readonly later?: readonly string[] },
): Member | undefined {
  if (value === undefined) return undefined;
  const member = set.members.find((each) => each === value);
  if (member !== undefined) return member;
  if (typeof value === 'string' && set.later?.includes(value)) return notSupported(place, value);
  const fix = typeof value === 'string' ? didYouMean(value, set.members) : undefined;
  place.findings.add('bad_value', place.pointer, `This must be ${quotedList(set.members)}.`, fix);
  return undefined;
}

/** Reports a value of the wrong type. */
export function badType(place: Place, wanted: string, value: JsonValue): undefined {
  place.findings.add('bad_type', place.pointer, `This must be ${wanted}, but it is ${typeName(value)}.`);
  return undefined;
}

/** Reports a part of the language that this version does not read yet: refused, because ignoring it would change what the policy means. */
export function notSupported(place: Place, what: string): undefined {
  place.findings.add('not_supported', place.pointer, `"${what}" is not supported yet by this version, so the policy is refused rather than read without it.`);
  return undefined;
}

/** `"a", "b" or "c"`. */
export function quotedList(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

function checkField(key: string, place: Place, fields: Fields): void {
  if (fields.known.includes(key)) return;
  if (fields.later?.includes(key)) return notSupported(place, key);
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
