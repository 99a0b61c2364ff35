import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
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
const OPAQUE = ['allOf', 'if', 'not', 'patternProperties', 'dependentSchemas', 'unevaluatedProperties', '$dynamicRef'];
const LIST_INDEX = /^(?:0|[1-9]\d*)$/;

/** Walks a tool's `inputSchema` along a path. Follows `anyOf`, `oneOf` and `$ref` within the schema; total for any schema. */
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

/** Undefined when the schema does not tell its alternatives. */
function alternatives(schema: JsonValue, root: JsonObject, depth: number): readonly JsonObject[] | undefined {
  if (!isJsonObject(schema) || depth > MAX_DEPTH || OPAQUE.some((keyword) => schema[keyword] !== undefined)) return undefined;
  if (schema['$ref'] !== undefined) return alternatives(resolved(schema['$ref'], root), root, depth + 1);
  const choice = schema['anyOf'] ?? schema['oneOf'];
  if (choice === undefined) return [schema];
  if (!Array.isArray(choice) || choice.length > MAX_ALTERNATIVES) return undefined;
  return joined((choice as readonly JsonValue[]).map((each) => alternatives(each, root, depth + 1)));
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
  const others = schema['additionalProperties'];
  if (others === false) return 'absent';
  return isJsonObject(properties) && others === undefined ? 'absent' : 'open';
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
