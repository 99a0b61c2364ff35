import { ok, refuse, type JsonObject, type JsonValue, type Result } from '@sallyport/kernel';

import type { SettingProblem } from '../sink-type.js';

/** One member of a sink's settings: how people see it described, and how it is read. */
export interface Setting<Value> {
  /** JSON Schema of the member. */
  readonly schema: JsonObject;
  /** Whether it may be left out. */
  readonly optional: boolean;
  /** @param at JSON Pointer of the member. */
  read(given: JsonValue | undefined, at: string): Result<Value, readonly SettingProblem[]>;
}

/** What a setting says of itself, and what it is where nobody gives it. */
export interface Told<Value> {
  readonly description: string;
  /** Read where the member is absent. Without it the member must be given. */
  readonly fallback?: Value;
}

/** Text of bounded length, without control characters unless it has lines. */
export function text(told: Told<string> & { readonly pattern?: RegExp; readonly wanted?: string; readonly maxLength?: number; readonly lines?: boolean }): Setting<string> {
  const { pattern, wanted = 'text', maxLength = 512, lines = false } = told;
  const schema = { type: 'string', minLength: 1, maxLength, ...(pattern === undefined ? {} : { pattern: pattern.source }) };
  return setting(told, schema, `Write ${wanted}, at most ${maxLength} characters${lines ? '' : ' and no control characters'}.`, (given) => {
    if (typeof given !== 'string' || given === '' || given.length > maxLength) return undefined;
    if ((lines ? FORBIDDEN_IN_LINES : FORBIDDEN).test(given)) return undefined;
    return pattern === undefined || pattern.test(given) ? given : undefined;
  });
}

/** A whole number within bounds, both included. */
export function integer(told: Told<number> & { readonly min: number; readonly max: number }): Setting<number> {
  const { min, max } = told;
  return setting(told, { type: 'integer', minimum: min, maximum: max }, `Write a whole number from ${min} to ${max}.`, (given) =>
    typeof given === 'number' && Number.isInteger(given) && given >= min && given <= max ? given : undefined,
  );
}

/** True or false. */
export function flag(told: Told<boolean>): Setting<boolean> {
  return setting(told, { type: 'boolean' }, 'Write true or false.', (given) => (typeof given === 'boolean' ? given : undefined));
}

/** One of some words. */
export function choice<const Word extends string>(told: Told<Word> & { readonly of: readonly Word[] }): Setting<Word> {
  return setting(told, { type: 'string', enum: [...told.of] }, `Write one of ${told.of.join(', ')}.`, (given) => told.of.find((word) => word === given));
}

/** A list of 1 to `max` members of one kind. */
export function list<Value>(told: Told<readonly Value[]> & { readonly of: Setting<Value>; readonly max: number }): Setting<readonly Value[]> {
  const schema = { type: 'array', items: told.of.schema, minItems: 1, maxItems: told.max };
  return {
    ...described(told, schema),
    read(given, at) {
      if (given === undefined && told.fallback !== undefined) return ok(told.fallback);
      if (!Array.isArray(given) || given.length === 0 || given.length > told.max) return refuse([{ pointer: at, message: `Write a list of 1 to ${told.max}.` }]);
      return gathered(given.map((member: JsonValue, index) => told.of.read(member, `${at}/${index}`)));
    },
  };
}

/** Makes any setting one that may be left out, which reads as `null`. */
export function optional<Value>(inner: Setting<Value>): Setting<Value | null> {
  return { schema: inner.schema, optional: true, read: (given, at) => (given === undefined ? ok(null) : inner.read(given, at)) };
}

/** Everything read, or all problems. */
export function gathered<Value>(read: readonly Result<Value, readonly SettingProblem[]>[]): Result<readonly Value[], readonly SettingProblem[]> {
  const problems = read.flatMap((one) => (one.ok ? [] : one.refusal));
  return problems.length > 0 ? refuse(problems) : ok(read.flatMap((one) => (one.ok ? [one.value] : [])));
}

/** A setting of one plain value: `accept` answers `undefined` for what is none. For kinds of settings that only one sink has. */
export function setting<Value>(told: Told<Value>, schema: JsonObject, message: string, accept: (given: JsonValue) => Value | undefined): Setting<Value> {
  return {
    ...described(told, schema),
    read(given, at) {
      if (given === undefined) return told.fallback === undefined ? refuse([{ pointer: at, message: `Missing. ${message}` }]) : ok(told.fallback);
      const value = accept(given);
      return value === undefined ? refuse([{ pointer: at, message }]) : ok(value);
    },
  };
}

function described(told: Told<unknown>, schema: JsonObject): { readonly schema: JsonObject; readonly optional: boolean } {
  const { description, fallback } = told;
  const shown = isPlain(fallback) ? { default: fallback } : {};
  return { schema: { ...schema, description, ...shown }, optional: fallback !== undefined };
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/u;
const FORBIDDEN_IN_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ud800-\udfff]/u;
