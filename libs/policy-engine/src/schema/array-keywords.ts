import type { JsonObject, JsonValue } from '@sallyport/kernel';

import { jsonEquals } from '../json-equals.js';
import type { SchemaCompiler, SchemaTest } from './schema-test.js';

type ListTest = (list: readonly JsonValue[], meter: Parameters<SchemaTest>[1]) => boolean;

/** Prepares the keywords about arrays. */
export function compileArrayKeywords(schema: JsonObject, compiler: SchemaCompiler): readonly SchemaTest[] {
  const tests: ListTest[] = [];
  const { maxItems, minItems, items, contains } = schema;
  if (typeof maxItems === 'number') tests.push((list) => list.length <= maxItems);
  if (typeof minItems === 'number') tests.push((list) => list.length >= minItems);
  const first = Array.isArray(schema['prefixItems']) ? (schema['prefixItems'] as readonly JsonValue[]).map((each) => compiler.compile(each)) : [];
  if (first.length > 0) tests.push((list, meter) => first.every((test, index) => index >= list.length || test(list[index] ?? null, meter)));
  if (items !== undefined) tests.push(restTest(compiler.compile(items), first.length));
  if (contains !== undefined) tests.push(containsTest(compiler.compile(contains), schema));
  if (schema['uniqueItems'] === true) tests.push(areUnique);
  return tests.map((test): SchemaTest => (value, meter) => !Array.isArray(value) || test(value as readonly JsonValue[], meter));
}

function restTest(test: SchemaTest, from: number): ListTest {
  return (list, meter) => list.every((each, index) => index < from || test(each, meter));
}

function containsTest(test: SchemaTest, { minContains, maxContains }: JsonObject): ListTest {
  const least = typeof minContains === 'number' ? minContains : 1;
  const most = typeof maxContains === 'number' ? maxContains : Number.POSITIVE_INFINITY;
  return (list, meter) => {
    const count = list.filter((each) => test(each, meter)).length;
    return count >= least && count <= most;
  };
}

/** Compares every two elements, and pays for it first. */
function areUnique(list: readonly JsonValue[], meter: Parameters<SchemaTest>[1]): boolean {
  meter.stepsLeft -= (list.length * list.length) / 2;
  if (meter.stepsLeft < 0) return false;
  return list.every((each, index) => {
    for (let other = 0; other < index; other += 1) if (jsonEquals(each, list[other] ?? null)) return false;
    return true;
  });
}
