import { isJsonObject, parseDecimal, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { canonicalNumber, compareNumbers, isNumber, type JsonNumber } from '../compare-numbers.js';
import { codePoints } from '../conditions/code-points.js';
import type { Pattern } from '../conditions/pattern.js';
import { jsonEquals } from '../json-equals.js';
import type { SchemaCompiler, SchemaTest } from './schema-test.js';

/** Prepares the keywords about any value, about numbers and about texts. */
export function compileValueKeywords(schema: JsonObject, { patterns }: SchemaCompiler): readonly SchemaTest[] {
  const tests: SchemaTest[] = [];
  const type = schema['type'];
  if (type !== undefined) tests.push(typeTest(Array.isArray(type) ? (type as readonly JsonValue[]) : [type]));
  const constant = schema['const'];
  if (constant !== undefined) tests.push((value) => jsonEquals(value, constant));
  const listed = schema['enum'];
  if (Array.isArray(listed)) tests.push(enumTest(listed as readonly JsonValue[]));
  tests.push(...numberTests(schema), ...textTests(schema));
  const pattern = typeof schema['pattern'] === 'string' ? patterns.get(schema['pattern']) : undefined;
  if (pattern !== undefined) tests.push(pattern.ok ? patternTest(pattern.value) : () => false);
  return tests;
}

/** Searches a text within what the meter has left. */
export function patternTest(pattern: Pattern): SchemaTest {
  return (value, meter) => {
    if (typeof value !== 'string') return true;
    meter.stepsLeft -= value.length * pattern.size;
    return meter.stepsLeft >= 0 && pattern.find(value);
  };
}

function typeTest(types: readonly JsonValue[]): SchemaTest {
  return (value) => types.some((type) => isOfType(value, type));
}

function isOfType(value: JsonValue, type: JsonValue): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'number':
      return isNumber(value);
    case 'integer':
      return isNumber(value) && isWhole(value);
    default:
      return typeof value === type;
  }
}

/** Whether a number has no fraction, whatever its size: `1.0` and `1e300` are whole. */
function isWhole(value: JsonNumber): boolean {
  if (typeof value === 'number') return Number.isInteger(value);
  const [, digits = '', order = '0'] = /^-?\.(\d+)e(-?\d+)$/.exec(canonicalNumber(value)) ?? [];
  return BigInt(digits.length) <= BigInt(order);
}

function enumTest(listed: readonly JsonValue[]): SchemaTest {
  return (value, meter) => {
    meter.stepsLeft -= listed.length;
    return listed.some((each) => jsonEquals(each, value));
  };
}

function numberTests(schema: JsonObject): readonly SchemaTest[] {
  const tests = [
    boundTest(schema['maximum'], (order) => order <= 0),
    boundTest(schema['exclusiveMaximum'], (order) => order < 0),
    boundTest(schema['minimum'], (order) => order >= 0),
    boundTest(schema['exclusiveMinimum'], (order) => order > 0),
    multipleTest(schema['multipleOf']),
  ];
  return tests.filter((test) => test !== undefined);
}

function boundTest(bound: JsonValue | undefined, holds: (order: number) => boolean): SchemaTest | undefined {
  if (!isNumber(bound)) return undefined;
  return (value) => {
    const order = isNumber(value) ? compareNumbers(value, bound) : 0;
    return !isNumber(value) || (order !== undefined && holds(order));
  };
}

/** Exact: 19.99 is a multiple of 0.01. A number of more than 400 digits is a multiple of nothing. */
function multipleTest(factor: JsonValue | undefined): SchemaTest | undefined {
  const divisor = isNumber(factor) ? parseDecimal(factor) : undefined;
  if (factor === undefined) return undefined;
  return (value) => {
    if (!isNumber(value)) return true;
    const dividend = parseDecimal(value);
    if (dividend === undefined || divisor === undefined || divisor.coefficient === 0n) return false;
    const scale = Math.max(dividend.scale, divisor.scale);
    const whole = dividend.coefficient * 10n ** BigInt(scale - dividend.scale);
    return whole % (divisor.coefficient * 10n ** BigInt(scale - divisor.scale)) === 0n;
  };
}

function textTests(schema: JsonObject): readonly SchemaTest[] {
  const tests: SchemaTest[] = [];
  const { maxLength, minLength } = schema;
  if (typeof maxLength === 'number') tests.push((value) => typeof value !== 'string' || codePoints(value) <= maxLength);
  if (typeof minLength === 'number') tests.push((value) => typeof value !== 'string' || codePoints(value) >= minLength);
  return tests;
}
