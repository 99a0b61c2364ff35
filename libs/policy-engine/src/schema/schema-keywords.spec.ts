import { describe, expect, it } from 'vitest';

import { MAX_STEPS } from '../conditions/truth.js';
import { compilePattern, PatternCache } from '../conditions/pattern.js';
import { FindingList } from '../finding.js';
import { readJson } from '../parse/read-json.js';
import type { JsonValue } from '@sallyport/kernel';
import { checkSchema } from './check-schema.js';
import { compileSchema } from './compile-schema.js';
import { SCHEMA_KEYWORDS, SCHEMA_TYPES } from './schema-keywords.js';
import { resolveReference } from './schema-reference.js';

const json = (text: string): JsonValue => {
  const read = readJson(text);
  if (!read.ok) throw new Error(`this text of a test is not JSON: ${text}`);
  return read.value;
};
const isValid = (schema: unknown, value: string): boolean => compileSchema(json(JSON.stringify(schema)), new PatternCache())(json(value), { stepsLeft: MAX_STEPS });
const said = (schema: unknown): readonly (readonly [string, string])[] => {
  const list = new FindingList('error');
  checkSchema(json(JSON.stringify(schema)), { findings: list, pointer: '/value' }, (pattern) => {
    const compiled = compilePattern(pattern);
    return compiled.ok ? undefined : compiled.refusal;
  });
  return list.all().map(({ pointer, message }) => [pointer, message] as const);
};

/** A schema, values that are valid by it, and values that are not. */
const KEYWORDS: readonly (readonly [schema: unknown, valid: readonly string[], invalid: readonly string[]])[] = [
  [{ type: 'null' }, ['null'], ['0', '""', '[]', '{}', 'false']],
  [{ type: 'boolean' }, ['true', 'false'], ['0', 'null', '"true"']],
  [{ type: 'string' }, ['""', '"a"'], ['1', 'null', '["a"]']],
  [{ type: 'array' }, ['[]', '[1]'], ['{}', '"[]"', 'null']],
  [{ type: 'object' }, ['{}'], ['[]', 'null', '"{}"']],
  [{ type: 'number' }, ['1', '-0.5', '12345678901234567890.5'], ['"1"', 'null', '[1]']],
  [{ type: 'integer' }, ['1', '1.0', '-7', '1e300', '123456789012345678901', '100000000000000000000'], ['1.5', '1e-400', '12345678901234567890.25', '"1"']],
  [{ type: ['string', 'null'] }, ['"a"', 'null'], ['1', '[]']],
  [{ const: { a: [1] } }, ['{"a":[1.0]}'], ['{"a":[2]}', '{"a":[1],"b":1}', 'null']],
  [{ const: null }, ['null'], ['0', '{}']],
  [{ enum: [1, 'a', null] }, ['1', '1.0', '"a"', 'null'], ['"1"', '2', '[]']],
  [{ maximum: 5 }, ['5', '4.999', '"6"', 'null'], ['5.001', '6']],
  [{ exclusiveMaximum: 5 }, ['4.999', '"5"'], ['5', '6']],
  [{ minimum: 5 }, ['5', '6', '"4"'], ['4.999', '-6']],
  [{ exclusiveMinimum: 5 }, ['5.001', '"5"'], ['5', '4']],
  [{ multipleOf: 0.1 }, ['0.3', '7', '0', '"0.25"', '-0.2'], ['0.25', '1.05']],
  [{ multipleOf: 20 }, ['100', '1e3', '-40'], ['110', '1e1', '0.2']],
  [{ maxLength: 2 }, ['""', '"ab"', '"\u{1F600}\u{1F600}"', '7000', '["a","b","c"]'], ['"abc"']],
  [{ minLength: 2 }, ['"ab"', '"abc"', '7', '[]'], ['""', '"a"', '"\u{1F600}"']],
  [{ pattern: 'b+$' }, ['"ab"', '7', 'null'], ['"ba"', '""']],
  [{ maxItems: 1 }, ['[]', '[1]', '"ab"', '{"a":1,"b":2}'], ['[1,2]']],
  [{ minItems: 1 }, ['[1]', '[1,2]', '""', '{}'], ['[]']],
  [{ prefixItems: [{ type: 'string' }, { type: 'number' }] }, ['[]', '["a"]', '["a",1]', '["a",1,null]', '7'], ['[1]', '["a","b"]', '[1,1]']],
  [{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['["a"]', '["a",1,2]', '[]'], ['["a","b"]', '["a",1,"c"]', '[1]']],
  [{ items: { type: 'number' } }, ['[]', '[1,2]', '"a"'], ['["a"]', '[1,"a"]']],
  [{ items: false }, ['[]'], ['[1]']],
  [{ contains: { type: 'number' } }, ['[1]', '["a",1]', '7', '{}'], ['[]', '["a"]']],
  [{ contains: { type: 'number' }, minContains: 2 }, ['[1,2]', '[1,"a",2]'], ['[1]', '["a","b"]']],
  [{ contains: { type: 'number' }, minContains: 0 }, ['[]', '["a"]'], []],
  [{ contains: { type: 'number' }, maxContains: 1 }, ['[1]', '["a",1]'], ['[1,2]', '[]']],
  [{ uniqueItems: true }, ['[]', '[1]', '[1,"1",[1]]', '{}'], ['[1,1]', '[2,1,2]', '[{"a":1},{"a":1}]']],
  [{ uniqueItems: false }, ['[1,1]'], []],
  [{ properties: { a: { type: 'number' }, b: false } }, ['{}', '{"a":1}', '{"c":"x"}', '[]', '"a"'], ['{"a":"x"}', '{"b":1}', '{"a":1,"b":1}']],
  [{ patternProperties: { '^n_': { type: 'number' } } }, ['{}', '{"n_a":1}', '{"a":"x"}'], ['{"n_a":"x"}', '{"n_a":1,"n_b":"x"}']],
  [{ properties: { n_a: { minimum: 3 } }, patternProperties: { '^n_': { type: 'number' } } }, ['{"n_a":3}'], ['{"n_a":2}', '{"n_a":"x"}', '{"n_a":3,"n_b":"x"}']],
  [{ properties: { a: true }, patternProperties: { '^n_': true }, additionalProperties: false }, ['{}', '{"a":1}', '{"n_b":1}'], ['{"b":1}', '{"a":1,"c":1}']],
  [{ additionalProperties: { type: 'number' } }, ['{}', '{"a":1}', '[]'], ['{"a":"x"}', '{"a":1,"b":"x"}']],
  [{ propertyNames: { maxLength: 2 } }, ['{}', '{"ab":1}'], ['{"abc":1}', '{"a":1,"abc":1}']],
  [{ required: ['a', 'b'] }, ['{"a":null,"b":1}', '[]', '"a"'], ['{}', '{"a":1}', '{"b":1}']],
  [{ required: ['toString'] }, ['{"toString":1}'], ['{}']],
  [{ maxProperties: 1 }, ['{}', '{"a":1}', '[1,2]'], ['{"a":1,"b":2}']],
  [{ minProperties: 1 }, ['{"a":1}', '{"a":1,"b":2}', '[]'], ['{}']],
  [{ dependentRequired: { a: ['b'] } }, ['{}', '{"b":1}', '{"a":1,"b":1}', '[]'], ['{"a":1}']],
  [{ dependentSchemas: { a: { required: ['b'] } } }, ['{}', '{"b":1}', '{"a":1,"b":1}'], ['{"a":1}']],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, ['1', '2'], ['0', '3']],
  [{ anyOf: [{ maximum: 1 }, { minimum: 5 }] }, ['1', '5'], ['3']],
  [{ oneOf: [{ minimum: 1 }, { maximum: 2 }] }, ['0', '3'], ['1', '2']],
  [{ not: { minimum: 1 } }, ['0'], ['1', '"a"']],
  [{ if: { minimum: 10 }, then: { multipleOf: 10 }, else: { multipleOf: 3 } }, ['20', '9', '3'], ['11', '8']],
  [{ if: { minimum: 10 }, then: { multipleOf: 10 } }, ['20', '8'], ['11']],
  [{ if: { minimum: 10 }, else: { multipleOf: 3 } }, ['11', '9'], ['8']],
  [{ then: false, else: false }, ['1'], []],
  [{ $defs: { small: { maximum: 5 } }, $ref: '#/$defs/small' }, ['5'], ['6']],
  [{ $defs: { 'a/b~c d': { maximum: 5 } }, $ref: '#/$defs/a~1b~0c%20d' }, ['5'], ['6']],
  [{ definitions: { small: { maximum: 5 } }, properties: { a: { $ref: '#/definitions/small' } } }, ['{"a":5}'], ['{"a":6}']],
  [{ allOf: [{ maximum: 5 }], properties: { a: { $ref: '#/allOf/0' } } }, ['{"a":5}', '4'], ['{"a":6}', '6']],
  [{ format: 'email', title: 't', default: 7, $comment: 'c', deprecated: true, examples: [] }, ['"no address"', '7'], []],
];

describe('a keyword of a schema', () => {
  it.each(KEYWORDS.flatMap(([schema, valid]) => valid.map((value) => [JSON.stringify(schema), value, schema] as const)))('%s holds for %s', (_, value, schema) => {
    expect([said(schema), isValid(schema, value)]).toEqual([[], true]);
  });

  it.each(KEYWORDS.flatMap(([schema, , invalid]) => invalid.map((value) => [JSON.stringify(schema), value, schema] as const)))('%s does not hold for %s', (_, value, schema) => {
    expect(isValid(schema, value)).toBe(false);
  });
});

describe('what a schema is refused for', () => {
  const wrong = (keyword: string, shape: string) => `what "${keyword}" takes (${shape})`;
  it.each<[unknown, string, string]>([
    [7, '/value', 'a JSON Schema'],
    [{ nonsense: 1 }, '/value/nonsense', 'The keyword "nonsense" is not read here.'],
    [{ [`x${'y'.repeat(200)}`]: 1 }, `/value/x${'y'.repeat(200)}`, `The keyword "x${'y'.repeat(79)}" is not read here.`],
    [{ maximum: '5' }, '/value/maximum', wrong('maximum', 'number')],
    [{ multipleOf: -1 }, '/value/multipleOf', wrong('multipleOf', 'positive number')],
    [{ maxLength: 1.5 }, '/value/maxLength', wrong('maxLength', 'count')],
    [{ minItems: '1' }, '/value/minItems', wrong('minItems', 'count')],
    [{ $ref: 5 }, '/value/$ref', wrong('$ref', 'text')],
    [{ required: ['a', 1] }, '/value/required', wrong('required', 'texts')],
    [{ uniqueItems: 'yes' }, '/value/uniqueItems', wrong('uniqueItems', 'boolean')],
    [{ enum: { a: 1 } }, '/value/enum', wrong('enum', 'list')],
    [{ type: [] }, '/value/type', wrong('type', 'types')],
    [{ type: ['string', 'text'] }, '/value/type', wrong('type', 'types')],
    [{ allOf: {} }, '/value/allOf', 'a list of schemas'],
    [{ oneOf: [] }, '/value/oneOf', 'a list of schemas'],
    [{ properties: [] }, '/value/properties', 'an object'],
    [{ patternProperties: 'a' }, '/value/patternProperties', 'an object'],
    [{ dependentRequired: { a: [1] } }, '/value/dependentRequired/a', 'a list of texts'],
    [{ $ref: 'other.json' }, '/value/$ref', 'A reference leads to a schema within this one: "#" or "#/$defs/<name>'],
    [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, '/value/$ref', 'This reference leads in a circle.'],
  ])('%j: %s', (schema, pointer, message) => {
    const found = said(schema);
    expect(found.map(([at]) => at)).toContain(pointer);
    expect(found.find(([at]) => at === pointer)?.[1]).toContain(message);
  });

  it('is its size with references written out, said in numbers as far as they say anything', () => {
    const doubling = (levels: number) => ({ $defs: { ...Object.fromEntries(Array.from({ length: levels }, (_, at) => [`d${at}`, { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] }])), [`d${levels}`]: true }, $ref: '#/$defs/d0' });
    expect(said(doubling(5))).toEqual([]);
    expect(said(doubling(12))[0]?.[1]).toMatch(/With its references written out this schema has [\d,]+ parts/);
    expect(said(doubling(40))[0]?.[1]).toContain('over a million');
  });

  it('names every keyword that is read, and every type', () => {
    expect([...SCHEMA_KEYWORDS.keys()]).toHaveLength(51);
    expect(SCHEMA_TYPES).toEqual(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']);
    for (const [keyword, shape] of SCHEMA_KEYWORDS) if (shape === 'any') expect([keyword, said({ [keyword]: 5 })]).toEqual([keyword, []]);
  });
});

describe('a reference', () => {
  const root = json('{"a":[{"b":1},{"c":2}],"x/y":{"~":3},"p q":4}');
  it.each([
    ['#', root],
    ['#/a/0/b', 1],
    ['#/a/1/c', 2],
    ['#/x~1y/~0', 3],
    ['#/p%20q', 4],
    ['#/a/01/c', undefined],
    ['#/a/-/c', undefined],
    ['#/a/2', undefined],
    ['#/a/0/b/c', undefined],
    ['#/toString', undefined],
    ['#/%', undefined],
    ['#a', undefined],
    ['a', undefined],
  ])('%s leads to %j', (reference, value) => {
    expect(resolveReference(reference, root)).toEqual(value);
  });
});

describe('the steps of a schema', () => {
  const left = (schema: unknown, value: string, stepsLeft: number): readonly [boolean, number] => {
    const meter = { stepsLeft };
    return [compileSchema(json(JSON.stringify(schema)), new PatternCache())(json(value), meter), meter.stepsLeft];
  };
  it.each<[unknown, string, number]>([
    [{ minimum: 1 }, '5', 2],
    [{ uniqueItems: true }, '[1,2,3,4]', 10],
    [{ items: { type: 'number' } }, '[1,2,3]', 8],
  ])('%j of %s are paid for', (schema, value, steps) => {
    expect(left(schema, value, 1_000)).toEqual([true, 1_000 - steps]);
    expect(left(schema, value, steps)).toEqual([true, 0]);
    expect(left(schema, value, steps - 1)[0]).toBe(false);
  });

  it('of a list of values are as many as there are', () => {
    expect(left({ enum: [1, 2, 3] }, '3', 5)).toEqual([true, 0]);
    expect(left({ enum: [1, 2, 3] }, '3', 4)[1]).toBe(-1);
  });

  it('of a pattern are those of its length in the text', () => {
    const [holds, rest] = left({ pattern: 'a' }, `"${'b'.repeat(100)}a"`, 10_000);
    expect([holds, rest < 9_900]).toEqual([true, true]);
    expect(left({ pattern: 'a' }, `"${'b'.repeat(100)}a"`, 50)[0]).toBe(false);
  });
});
