import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import { compilePattern } from '../conditions/pattern.js';
import type { PathStep } from '../document.js';
import { jsonEquals } from '../json-equals.js';

/**
 * What a JSON Schema says about the values at a path. `schemas` are the alternatives a value may follow.
 * `absent`: a value can only be there against what the schema declares; `known` are the names declared in its place.
 * `open`: the schema does not say.
 */
export type SchemaAt =
  | { readonly kind: 'found'; readonly schemas: readonly JsonObject[]; readonly isRequired: boolean }
  | { readonly kind: 'absent'; readonly step: number; readonly known: readonly string[] }
  | { readonly kind: 'open' };

const OPEN: SchemaAt = { kind: 'open' };
const MAX_ALTERNATIVES = 64;
const MAX_DEPTH = 8;
/** Keywords that say more about members than this reading follows. */
const OPAQUE = ['if', 'dependentSchemas', 'unevaluatedProperties', '$dynamicRef'];
const LIST_INDEX = /^(?:0|[1-9]\d*)$/;

/** Walks a tool's `inputSchema` along a path. Follows `anyOf`, `oneOf`, `allOf` and `$ref` within the schema; total for any schema. */
export function schemaAt(root: JsonObject, steps: readonly PathStep[]): SchemaAt {
  let schemas = alternatives(root, root, 0);
  let isRequired = true;
  for (const [index, step] of steps.entries()) {
    if (schemas === undefined || schemas.length > MAX_ALTERNATIVES) return OPEN;
    const next = schemas.map((schema) => member(schema, step));
    if (next.includes('open')) return OPEN;
    const inside = next.filter((each) => isJsonObject(each));
    if (inside.length === 0) return { kind: 'absent', step: index, known: schemas.flatMap(propertyNames) };
    isRequired &&= schemas.every((schema) => requires(schema, step));
    schemas = joined(inside.map((each) => alternatives(each, root, 0)));
  }
  return schemas === undefined ? OPEN : { kind: 'found', schemas, isRequired };
}

/** Whether a value can be valid by one of the alternatives, as far as `type`, `const` and `enum` tell. */
export function admits(schemas: readonly JsonObject[], value: JsonValue): boolean {
  return schemas.some((schema) => {
    const listed = listedValues(schema);
    if (listed !== undefined) return listed.some((each) => jsonEquals(each, value));
    const types = typesOf(schema);
    return types === undefined || types.includes(typeOf(value)) || (isNumber(value) && types.includes('integer'));
  });
}

/** Whether one of the alternatives can be of one of these JSON types. */
export function canBe(schemas: readonly JsonObject[], wanted: readonly string[]): boolean {
  return schemas.some((schema) => {
    const types = typesOf(schema) ?? listedValues(schema)?.map(typeOf);
    return types === undefined || types.some((type) => wanted.includes(type === 'integer' ? 'number' : type));
  });
}

/** The types the alternatives name, for a sentence. */
export function sayTypes(schemas: readonly JsonObject[]): string {
  const listed = schemas.flatMap((schema) => listedValues(schema) ?? []);
  if (listed.length > 0 && listed.length <= 10) return `one of ${listed.map((each) => JSON.stringify(each)).join(', ')}`;
  return [...new Set(schemas.flatMap((schema) => typesOf(schema) ?? listedValues(schema)?.map(typeOf) ?? []))].join(' or ');
}

/** The texts that the alternatives list. */
export function listedTexts(schemas: readonly JsonObject[]): readonly string[] {
  return schemas.flatMap((schema) => listedValues(schema) ?? []).filter((value) => typeof value === 'string');
}

/** Undefined when the schema does not tell its alternatives. What stands beside `$ref`, `anyOf` and the like holds with each of them. */
function alternatives(schema: JsonValue, root: JsonObject, depth: number): readonly JsonObject[] | undefined {
  if (!isJsonObject(schema) || depth > MAX_DEPTH || OPAQUE.some((keyword) => schema[keyword] !== undefined)) return undefined;
  const { $ref: reference, anyOf, oneOf, allOf, ...own } = schema;
  let found: readonly JsonObject[] | undefined = [own];
  if (reference !== undefined) found = both(found, alternatives(resolved(reference, root), root, depth + 1));
  for (const choice of [anyOf, oneOf]) if (choice !== undefined) found = both(found, choiceOf(choice, root, depth));
  if (allOf !== undefined && !Array.isArray(allOf)) return undefined;
  for (const part of (allOf ?? []) as readonly JsonValue[]) found = both(found, alternatives(part, root, depth + 1));
  return found;
}

function choiceOf(choice: JsonValue, root: JsonObject, depth: number): readonly JsonObject[] | undefined {
  if (!Array.isArray(choice) || choice.length > MAX_ALTERNATIVES) return undefined;
  return joined((choice as readonly JsonValue[]).map((each) => alternatives(each, root, depth + 1)));
}

function both(left: readonly JsonObject[] | undefined, right: readonly JsonObject[] | undefined): readonly JsonObject[] | undefined {
  if (left === undefined || right === undefined || left.length * right.length > MAX_ALTERNATIVES) return undefined;
  return left.flatMap((each) => right.map((other) => merged(each, other)));
}

/** One schema that asks what two ask. */
function merged(left: JsonObject, right: JsonObject): JsonObject {
  const [required, wanted] = [left['required'], right['required']];
  const types = commonTypes(typesOf(left), typesOf(right));
  return {
    ...left,
    ...right,
    ...(types === undefined ? {} : { type: types }),
    ...mergedMembers('properties', left, right),
    ...mergedMembers('patternProperties', left, right),
    ...(left['additionalProperties'] === false ? { additionalProperties: false } : {}),
    ...(Array.isArray(required) && Array.isArray(wanted) ? { required: [...(required as readonly JsonValue[]), ...(wanted as readonly JsonValue[])] } : {}),
  };
}

function commonTypes(left: readonly string[] | undefined, right: readonly string[] | undefined): readonly string[] | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return [...new Set([...left.filter((type) => includesType(right, type)), ...right.filter((type) => includesType(left, type))])];
}

function includesType(types: readonly string[], type: string): boolean {
  return types.includes(type) || (type === 'integer' && types.includes('number'));
}

function mergedMembers(keyword: string, left: JsonObject, right: JsonObject): JsonObject {
  const [a, b] = [left[keyword], right[keyword]];
  if (!isJsonObject(a) || !isJsonObject(b)) return {};
  const all: Record<string, JsonValue> = Object.create(null);
  for (const [name, schema] of [...Object.entries(a), ...Object.entries(b)]) if (schema !== undefined) all[name] = name in all ? { allOf: [all[name] ?? null, schema] } : schema;
  return { [keyword]: all };
}

function joined(lists: readonly (readonly JsonObject[] | undefined)[]): readonly JsonObject[] | undefined {
  const all: JsonObject[] = [];
  for (const list of lists) {
    if (list === undefined || all.length + list.length > MAX_ALTERNATIVES) return undefined;
    all.push(...list);
  }
  return all;
}

function resolved(reference: JsonValue, root: JsonObject): JsonValue {
  if (reference === '#') return root;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return null;
  let at: JsonValue = root;
  for (const token of reference.slice(2).split('/')) {
    const next: JsonValue | undefined = isJsonObject(at) ? own(at, token.replaceAll('~1', '/').replaceAll('~0', '~')) : undefined;
    if (next === undefined) return null;
    at = next;
  }
  return at;
}

function member(schema: JsonObject, step: PathStep): JsonObject | 'open' | 'absent' {
  switch (step.kind) {
    case 'key':
      return property(schema, step.key);
    case 'index':
    case 'each':
      return items(schema);
    case 'token':
      return canBe([schema], ['array']) && !canBe([schema], ['object']) ? token(schema, step.token) : property(schema, step.token);
  }
}

function token(schema: JsonObject, text: string): JsonObject | 'open' | 'absent' {
  return LIST_INDEX.test(text) ? items(schema) : 'absent';
}

function property(schema: JsonObject, key: string): JsonObject | 'open' | 'absent' {
  if (!canBe([schema], ['object'])) return 'absent';
  const properties = schema['properties'];
  const declared = isJsonObject(properties) ? own(properties, key) : undefined;
  if (declared !== undefined) return isJsonObject(declared) ? declared : 'open';
  const pattern = byPattern(schema['patternProperties'], key);
  if (pattern !== undefined) return pattern;
  const others = schema['additionalProperties'];
  if (others === false) return 'absent';
  if (isJsonObject(others)) return Object.keys(others).length === 0 && declaresNames(properties) ? 'absent' : others;
  return declaresNames(properties) || (isJsonObject(properties) && others === undefined) ? 'absent' : 'open';
}

/** Other names may be let through; a tool that declares names reads no others. */
function declaresNames(properties: JsonValue | undefined): boolean {
  return isJsonObject(properties) && Object.keys(properties).length > 0;
}

function byPattern(patterns: JsonValue | undefined, key: string): JsonObject | 'open' | undefined {
  if (!isJsonObject(patterns)) return undefined;
  for (const [pattern, schema] of Object.entries(patterns)) {
    const compiled = compilePattern(pattern);
    if (!compiled.ok) return 'open';
    if (compiled.value.find(key)) return isJsonObject(schema) ? schema : 'open';
  }
  return undefined;
}

function items(schema: JsonObject): JsonObject | 'open' | 'absent' {
  if (!canBe([schema], ['array'])) return 'absent';
  const each = schema['items'];
  return isJsonObject(each) && schema['prefixItems'] === undefined ? each : 'open';
}

function requires(schema: JsonObject, step: PathStep): boolean {
  const key = step.kind === 'key' ? step.key : step.kind === 'token' ? step.token : undefined;
  const required = schema['required'];
  return key !== undefined && Array.isArray(required) && required.includes(key);
}

function propertyNames(schema: JsonObject): readonly string[] {
  const properties = schema['properties'];
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function typesOf(schema: JsonObject): readonly string[] | undefined {
  const type = schema['type'];
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((each) => typeof each === 'string') : undefined;
}

function listedValues(schema: JsonObject): readonly JsonValue[] | undefined {
  if (schema['const'] !== undefined) return [schema['const']];
  const listed = schema['enum'];
  return Array.isArray(listed) ? (listed as readonly JsonValue[]) : undefined;
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return isNumber(value) ? 'number' : typeof value;
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
