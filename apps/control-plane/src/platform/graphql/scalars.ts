import { branded, type EpochMs } from '@sallyport/kernel';
import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';

import { formatDuration, parseDuration } from './iso-duration.js';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const MAX_JSON_DEPTH = 32;
const POISONOUS_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** A point in an organisation's history, as the scalar `AsOf` reads it. */
export type AsOf = { readonly revision: number } | { readonly at: EpochMs };

/** Resolvers get RFC 3339 text in UTC with milliseconds, and may answer with such text or a `Date`. */
export const dateTimeScalar = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => new Date(value instanceof Date ? value : String(value)).toISOString(),
  parseValue: readInstant,
  parseLiteral: (node) => readInstant(textOf(node)),
});

/** Resolvers get and give milliseconds. */
export const durationScalar = new GraphQLScalarType<number, string>({
  name: 'Duration',
  serialize: (value) => formatDuration(Number(value)),
  parseValue: readDuration,
  parseLiteral: (node) => readDuration(textOf(node)),
});

/** Resolvers get `AsOf`. */
export const asOfScalar = new GraphQLScalarType<AsOf, never>({
  name: 'AsOf',
  parseValue: readAsOf,
  parseLiteral: (node) => readAsOf(node.kind === Kind.INT ? Number(node.value) : textOf(node)),
});

/** Any JSON. Keys that reach prototypes and deep nesting are refused in both directions of a request: variables and literals. */
export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => refusePoison(value, 1),
  parseLiteral: (node, variables) => {
    refusePoisonedLiteral(node, 1);
    return refusePoison(valueFromASTUntyped(node, variables), 1);
  },
});

/** The scalars by name, for the schema. */
export const scalarResolvers = { DateTime: dateTimeScalar, Duration: durationScalar, AsOf: asOfScalar, JSON: jsonScalar };

function readInstant(value: unknown): string {
  if (typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value))) return new Date(value).toISOString();
  throw inputError('A time is written as in RFC 3339: 2026-11-21T09:30:00Z.');
}

function readDuration(value: unknown): number {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms !== undefined) return ms;
  throw inputError('A length of time is written as in ISO 8601: PT60S, PT1H30M, P90D.');
}

function readAsOf(value: unknown): AsOf {
  const text = String(value);
  if (/^\d{1,15}$/.test(text)) return { revision: Number(text) };
  if (INSTANT.test(text) && !Number.isNaN(Date.parse(text))) return { at: branded<EpochMs>(Date.parse(text)) };
  throw inputError('A point in history is a revision number or an RFC 3339 time.');
}

function refusePoison(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_JSON_DEPTH) throw inputError(`JSON nests ${MAX_JSON_DEPTH} levels at most.`);
  for (const key of Object.keys(value)) {
    if (POISONOUS_KEYS.has(key)) throw inputError(`JSON may not have a key ${key}.`);
    refusePoison(Reflect.get(value, key), depth + 1);
  }
  return value;
}

/** Looked at before the value is made: a literal's `__proto__` would set the object's prototype and leave no key to see. */
function refusePoisonedLiteral(node: ValueNode, depth: number): void {
  if (depth > MAX_JSON_DEPTH) throw inputError(`JSON nests ${MAX_JSON_DEPTH} levels at most.`);
  if (node.kind === Kind.LIST) for (const item of node.values) refusePoisonedLiteral(item, depth + 1);
  if (node.kind !== Kind.OBJECT) return;
  for (const field of node.fields) {
    if (POISONOUS_KEYS.has(field.name.value)) throw inputError(`JSON may not have a key ${field.name.value}.`);
    refusePoisonedLiteral(field.value, depth + 1);
  }
}

function textOf(node: ValueNode): string | undefined {
  return node.kind === Kind.STRING ? node.value : undefined;
}

function inputError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'bad_input' } });
}
