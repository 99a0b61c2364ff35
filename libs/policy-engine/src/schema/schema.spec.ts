import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MAX_STEPS } from '../conditions/truth.js';
import { PatternCache, compilePattern } from '../conditions/pattern.js';
import { FindingList } from '../finding.js';
import { readJson } from '../parse/read-json.js';
import type { JsonValue } from '@sallyport/kernel';
import { checkSchema } from './check-schema.js';
import { compileSchema } from './compile-schema.js';

const json = (text: string): JsonValue => {
  const read = readJson(text);
  if (!read.ok) throw new Error(`this text of a test is not JSON: ${text}`);
  return read.value;
};
const findings = (schema: unknown): readonly string[] => {
  const list = new FindingList('error');
  checkSchema(json(JSON.stringify(schema)), { findings: list, pointer: '/value' }, (pattern) => {
    const compiled = compilePattern(pattern);
    return compiled.ok ? undefined : compiled.refusal;
  });
  return list.all().map(({ code, pointer }) => `${code} ${pointer}`);
};
const isValid = (schema: string, value: string): boolean => compileSchema(json(schema), new PatternCache())(json(value), { stepsLeft: MAX_STEPS });

describe('a schema', () => {
  it.each([
    [5, 'bad_type /value'],
    [{ maximun: 5 }, 'bad_schema /value/maximun'],
    [{ unevaluatedProperties: false }, 'bad_schema /value/unevaluatedProperties'],
    [{ $dynamicRef: '#a' }, 'bad_schema /value/$dynamicRef'],
    [{ type: 'text' }, 'bad_type /value/type'],
    [{ properties: { a: { minLength: -1 } } }, 'bad_type /value/properties/a/minLength'],
    [{ properties: [] }, 'bad_type /value/properties'],
    [{ anyOf: [] }, 'bad_type /value/anyOf'],
    [{ anyOf: [true, 7] }, 'bad_type /value/anyOf/1'],
    [{ multipleOf: 0 }, 'bad_type /value/multipleOf'],
    [{ dependentRequired: { a: 'b' } }, 'bad_type /value/dependentRequired/a'],
    [{ pattern: '(?=a)' }, 'bad_regex /value/pattern'],
    [{ patternProperties: { '(a{100}){100}': true } }, 'bad_regex /value/patternProperties/(a{100}){100}'],
    [{ $ref: 'https://example.org/schema.json' }, 'bad_schema /value/$ref'],
    [{ $ref: '#/$defs/gone' }, 'bad_schema /value/$ref'],
    [{ $ref: '#/%E0%A4%A' }, 'bad_schema /value/$ref'],
    [{ $ref: '#' }, 'bad_schema /value/$ref'],
    [{ $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }] } } }, 'bad_schema /value/$defs/a/$ref'],
  ])('is refused where it is wrong: %j', (schema, finding) => {
    expect(findings(schema)).toEqual([finding]);
  });

  it('is refused when its references, written out, grow beyond bounds', () => {
    const $defs = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d${index}`, { allOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] }]));
    expect(findings({ $defs: { ...$defs, d30: { type: 'string' } }, $ref: '#/$defs/d0' })).toEqual(['bad_schema /value']);
  });

  it('may use a definition in many places', () => {
    const link = { $ref: '#/$defs/name' };
    expect(findings({ $defs: { name: { type: 'string' } }, properties: { a: link, b: link }, items: link })).toEqual([]);
  });

  it.each([
    ['{"multipleOf":0.01}', '19.99', true],
    ['{"multipleOf":0.01}', '19.999', false],
    ['{"multipleOf":3}', '9007199254740993', true],
    ['{"maximum":9007199254740992}', '9007199254740993', false],
    ['{"type":"integer"}', '1.0', true],
    ['{"type":"integer"}', '12345678901234567890.5', false],
    ['{"type":"integer"}', '1e400', true],
    ['{"const":1.0}', '1', true],
    ['{"maxLength":1}', '"\u{1F600}"', true],
    ['{"uniqueItems":true}', '[1,1.0]', false],
    ['{"uniqueItems":true}', '[{"a":1,"b":2},{"b":2,"a":1}]', false],
    ['{"properties":{"constructor":{"type":"string"}},"required":["toString"]}', '{}', false],
    ['false', '1', false],
    ['true', '1', true],
  ])('%s of %s: %s', (schema, value, valid) => {
    expect(isValid(schema, value)).toBe(valid);
  });

  it('stops when no steps are left', () => {
    const meter = { stepsLeft: 1_000 };
    compileSchema(json('{"items":{"type":"string"}}'), new PatternCache())(json(JSON.stringify(Array.from({ length: 10_000 }, () => 'x'))), meter);
    expect(meter.stepsLeft).toBeLessThan(0);
    expect(meter.stepsLeft).toBeGreaterThan(-100);
  });
});

const names = fc.constantFrom('a', 'b', 'cc');
const leaves = fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom('', 'a', 'ab', 'é', true, false, null, 0.5));
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaves, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(names, tie('value'), { maxKeys: 3 })),
})).value;
const schemas = fc.letrec<{ schema: unknown }>((tie) => {
  const part = tie('schema');
  const count = fc.nat(3);
  const keywords = {
    type: fc.constantFrom('null', 'boolean', 'object', 'array', 'number', 'integer', 'string'),
    const: values,
    enum: fc.uniqueArray(leaves, { minLength: 1, maxLength: 3 }),
    minimum: fc.integer({ min: -2, max: 3 }),
    exclusiveMaximum: fc.integer({ min: -2, max: 3 }),
    multipleOf: fc.constantFrom(0.5, 1, 2),
    minLength: count,
    maxLength: count,
    pattern: fc.constantFrom('^a', 'b$', 'a.'),
    minItems: count,
    maxItems: count,
    uniqueItems: fc.boolean(),
    items: part,
    prefixItems: fc.array(part, { minLength: 1, maxLength: 2 }),
    contains: part,
    properties: fc.dictionary(names, part, { maxKeys: 2 }),
    patternProperties: fc.dictionary(fc.constantFrom('^a', 'c'), part, { maxKeys: 1 }),
    additionalProperties: part,
    propertyNames: part,
    required: fc.uniqueArray(names, { maxLength: 2 }),
    minProperties: count,
    maxProperties: count,
    dependentRequired: fc.dictionary(names, fc.uniqueArray(names, { maxLength: 2 }), { maxKeys: 1 }),
    dependentSchemas: fc.dictionary(names, part, { maxKeys: 1 }),
    allOf: fc.array(part, { minLength: 1, maxLength: 2 }),
    anyOf: fc.array(part, { minLength: 1, maxLength: 2 }),
    oneOf: fc.array(part, { minLength: 1, maxLength: 2 }),
    not: part,
    if: part,
    then: part,
    else: part,
    $ref: fc.constant('#/$defs/name'),
  };
  const some = fc.uniqueArray(fc.constantFrom(...(Object.keys(keywords) as (keyof typeof keywords)[])), { maxLength: 3 })
    // Beside `prefixItems`, ajv 8.20 does not look for `contains` in an array that is shorter; the specification does (2020-12, 10.3.1).
    .map((chosen) => (chosen.includes('prefixItems') ? chosen.filter((keyword) => keyword !== 'contains') : chosen));
  return { schema: fc.oneof({ depthSize: 'small' }, fc.boolean(), some.chain((chosen) => fc.record(Object.fromEntries(chosen.map((keyword) => [keyword, keywords[keyword]]))))) };
}).schema;

describe('contains', () => {
  it('wants its item of an array that is shorter than the prefix, too', () => {
    expect(isValid('{"prefixItems":[{"type":"null"}],"contains":{"type":"number"}}', '[]')).toBe(false);
  });
});

describe('a generated schema', () => {
  it('decides as the validator of the ecosystem does', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
    fc.assert(
      fc.property(schemas, fc.array(values, { minLength: 1, maxLength: 5 }), (schema, samples) => {
        const whole = typeof schema === 'boolean' ? schema : { ...(schema as object), $defs: { name: { type: 'string', minLength: 1 } } };
        const text = JSON.stringify(whole);
        expect(findings(whole)).toEqual([]);
        const theirs = ajv.compile(JSON.parse(text) as object);
        for (const sample of samples) expect([isValid(text, JSON.stringify(sample)), sample]).toEqual([theirs(JSON.parse(JSON.stringify(sample))), sample]);
      }),
      { numRuns: 300 },
    );
  });
});
