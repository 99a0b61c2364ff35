import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import type { PatternCache } from '../conditions/pattern.js';
import { compileArrayKeywords } from './array-keywords.js';
import { compileObjectKeywords } from './object-keywords.js';
import { resolveReference } from './schema-reference.js';
import type { SchemaCompiler, SchemaTest } from './schema-test.js';
import { compileValueKeywords } from './value-keywords.js';

/** Prepares a schema that `checkSchema` found good. */
export function compileSchema(schema: JsonValue, patterns: PatternCache): SchemaTest {
  const made = new Map<JsonObject, SchemaTest>();
  const compiler: SchemaCompiler = {
    patterns,
    compile: (part) => {
      if (!isJsonObject(part)) return () => part === true;
      const known = made.get(part);
      if (known !== undefined) return known;
      const test = compilePart(part, schema, compiler);
      made.set(part, test);
      return test;
    },
  };
  return compiler.compile(schema);
}

function compilePart(schema: JsonObject, root: JsonValue, compiler: SchemaCompiler): SchemaTest {
  const tests = [
    ...compileValueKeywords(schema, compiler),
    ...compileArrayKeywords(schema, compiler),
    ...compileObjectKeywords(schema, compiler),
    ...compileCombinations(schema, root, compiler),
  ];
  return (value, meter) => {
    meter.stepsLeft -= 1 + tests.length;
    return meter.stepsLeft >= 0 && tests.every((test) => test(value, meter));
  };
}

function compileCombinations(schema: JsonObject, root: JsonValue, compiler: SchemaCompiler): readonly SchemaTest[] {
  const tests: SchemaTest[] = [];
  const reference = schema['$ref'];
  if (typeof reference === 'string') tests.push(compiler.compile(resolveReference(reference, root) ?? false));
  const all = branches(schema['allOf'], compiler);
  const any = branches(schema['anyOf'], compiler);
  const one = branches(schema['oneOf'], compiler);
  if (all !== undefined) tests.push(...all);
  if (any !== undefined) tests.push((value, meter) => any.some((test) => test(value, meter)));
  if (one !== undefined) tests.push((value, meter) => one.filter((test) => test(value, meter)).length === 1);
  if (schema['not'] !== undefined) tests.push(negation(compiler.compile(schema['not'])));
  if (schema['if'] !== undefined) tests.push(choice(schema, compiler.compile(schema['if']), compiler));
  return tests;
}

function branches(list: JsonValue | undefined, compiler: SchemaCompiler): readonly SchemaTest[] | undefined {
  return Array.isArray(list) ? (list as readonly JsonValue[]).map((each) => compiler.compile(each)) : undefined;
}

function negation(test: SchemaTest): SchemaTest {
  return (value, meter) => !test(value, meter);
}

function choice(schema: JsonObject, condition: SchemaTest, compiler: SchemaCompiler): SchemaTest {
  const then = compiler.compile(schema['then'] ?? true);
  const otherwise = compiler.compile(schema['else'] ?? true);
  return (value, meter) => (condition(value, meter) ? then(value, meter) : otherwise(value, meter));
}
