import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

import type { Meter } from '../conditions/truth.js';
import type { SchemaCompiler, SchemaTest } from './schema-test.js';
import { isTextList } from './schema-keywords.js';
import { patternTest } from './value-keywords.js';

type ObjectTest = (object: JsonObject, meter: Meter) => boolean;

/** Prepares the keywords about objects. */
export function compileObjectKeywords(schema: JsonObject, compiler: SchemaCompiler): readonly SchemaTest[] {
  const tests = [...sizeTests(schema), ...requiredTests(schema), ...memberTests(schema, compiler), ...dependentTests(schema, compiler)];
  return tests.map((test): SchemaTest => (value, meter) => !isJsonObject(value) || test(value, meter));
}

function sizeTests({ maxProperties, minProperties }: JsonObject): readonly ObjectTest[] {
  const tests: ObjectTest[] = [];
  if (typeof maxProperties === 'number') tests.push((object) => namesOf(object).length <= maxProperties);
  if (typeof minProperties === 'number') tests.push((object) => namesOf(object).length >= minProperties);
  return tests;
}

function requiredTests({ required }: JsonObject): readonly ObjectTest[] {
  return isTextList(required) ? [(object) => required.every((name) => has(object, name))] : [];
}

function memberTests(schema: JsonObject, compiler: SchemaCompiler): readonly ObjectTest[] {
  const named = new Map(membersOf(schema['properties']).map(([name, each]) => [name, compiler.compile(each)]));
  const patterned = membersOf(schema['patternProperties']).map(([pattern, each]) => ({ matches: nameTest(pattern, compiler), test: compiler.compile(each) }));
  const others = schema['additionalProperties'] === undefined ? undefined : compiler.compile(schema['additionalProperties']);
  const names = schema['propertyNames'] === undefined ? undefined : compiler.compile(schema['propertyNames']);
  if (named.size === 0 && patterned.length === 0 && others === undefined && names === undefined) return [];
  const memberTest = (name: string, value: JsonValue, meter: Meter): boolean => {
    const own = named.get(name);
    const matching = patterned.filter(({ matches }) => matches(name, meter));
    if (own?.(value, meter) === false || !matching.every(({ test }) => test(value, meter))) return false;
    return own !== undefined || matching.length > 0 || others === undefined || others(value, meter);
  };
  return [(object, meter) => namesOf(object).every((name) => (names === undefined || names(name, meter)) && memberTest(name, object[name] ?? null, meter))];
}

function dependentTests(schema: JsonObject, compiler: SchemaCompiler): readonly ObjectTest[] {
  const texts = membersOf(schema['dependentRequired']).map(([name, wanted]): ObjectTest => {
    const required = isTextList(wanted) ? wanted : [];
    return (object) => !has(object, name) || required.every((each) => has(object, each));
  });
  const schemas = membersOf(schema['dependentSchemas']).map(([name, each]): ObjectTest => {
    const test = compiler.compile(each);
    return (object, meter) => !has(object, name) || test(object, meter);
  });
  return [...texts, ...schemas];
}

function nameTest(pattern: string, { patterns }: SchemaCompiler): SchemaTest {
  const compiled = patterns.get(pattern);
  return compiled.ok ? patternTest(compiled.value) : () => true;
}

function membersOf(object: JsonValue | undefined): readonly (readonly [string, JsonValue])[] {
  return isJsonObject(object) ? Object.entries(object).flatMap(([name, each]) => (each === undefined ? [] : [[name, each] as const])) : [];
}

function namesOf(object: JsonObject): readonly string[] {
  return Object.keys(object).filter((name) => object[name] !== undefined);
}

function has(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name) && object[name] !== undefined;
}
