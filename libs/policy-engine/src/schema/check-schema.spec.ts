import { describe, expect, it } from 'vitest';

import { FindingList } from '../finding.js';
import { readJson } from '../parse/read-json.js';
import { checkSchema } from './check-schema.js';
import { SCHEMA_KEYWORDS } from './schema-keywords.js';

/** What is said of a schema; a pattern with a bracket is refused. */
function said(schema: unknown): readonly (readonly string[])[] {
  const read = readJson(JSON.stringify(schema));
  if (!read.ok) throw new Error('the schema of this test is not JSON');
  const findings = new FindingList('error');
  checkSchema(read.value, { findings, pointer: '/value' }, (pattern) => (pattern.includes('(') ? 'This is no pattern.' : undefined));
  return findings.all().map(({ code, pointer, message }) => [code, pointer, message]);
}

const CIRCLE = 'This reference leads in a circle.';
const parts = (count: number): readonly string[] => ['bad_schema', '/value', `With its references written out this schema has ${count} parts; at most 2000 are allowed.`];
const trues = (count: number): true[] => Array.from({ length: count }, () => true as const);
const named = (count: number): Record<string, true> => Object.fromEntries(trues(count).map((each, index) => [`n${index}`, each]));

/** A keyword of each kind that applies schemas, with some of these. */
const APPLYING = [...SCHEMA_KEYWORDS].flatMap(([keyword, shape]): readonly (readonly [string, (schemas: Record<string, object | boolean>) => object])[] => {
  if (keyword === '$defs' || keyword === 'definitions') return [];
  if (shape === 'schema') return [[keyword, (schemas) => ({ [keyword]: { allOf: Object.values(schemas) } })]];
  if (shape === 'schema list') return [[keyword, (schemas) => ({ [keyword]: Object.values(schemas) })]];
  return shape === 'schemas' || shape === 'schemas by pattern' ? [[keyword, (schemas) => ({ [keyword]: schemas })]] : [];
});

describe('a schema that applies others', () => {
  it('does so by 15 keywords', () => {
    expect(APPLYING.map(([keyword]) => keyword)).toEqual(['prefixItems', 'items', 'contains', 'properties', 'patternProperties', 'additionalProperties', 'propertyNames', 'dependentSchemas', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else']);
  });

  it.each(APPLYING)('never in a circle: %s', (_, applying) => {
    const found = said({ $defs: { a: applying({ x: true, y: { $ref: '#/$defs/a' } }) }, $ref: '#/$defs/a' });
    expect(found).toContainEqual(['bad_schema', expect.stringMatching(/^\/value\/\$defs\/a\//), CIRCLE]);
    expect(said({ $defs: { a: applying({ x: true, y: { $ref: '#/$defs/b' } }), b: true }, $ref: '#/$defs/a' })).toEqual([]);
  });

  it.each(APPLYING)('has at most 2,000 parts: %s', (keyword, applying) => {
    const own = SCHEMA_KEYWORDS.get(keyword) === 'schema' ? 2 : 1;
    expect(said(applying(named(2_000 - own)))).toEqual([]);
    expect(said(applying(named(2_001 - own)))).toEqual([parts(2_001)]);
  });
});

describe('a schema that defines others', () => {
  it.each(['$defs', 'definitions'])('is not in a circle for defining within itself what leads back: %s', (keyword) => {
    expect(said({ [keyword]: { a: { [keyword]: { b: { $ref: `#/${keyword}/a` } } } }, $ref: `#/${keyword}/a` })).toEqual([]);
    expect(said({ [keyword]: { a: { $ref: '#' } } })).toEqual([]);
  });

  it.each(['$defs', 'definitions'])('has no parts for what is not applied: %s', (keyword) => {
    expect(said({ [keyword]: named(3_000) })).toEqual([]);
    expect(said({ [keyword]: { a: { allOf: trues(999) } }, allOf: [{ $ref: `#/${keyword}/a` }, { $ref: `#/${keyword}/a` }] })).toEqual([parts(2_003)]);
  });

  it('is looked into by every name', () => {
    expect(said({ $defs: { a: { nonsense: 1 } }, definitions: { b: 5 } })).toEqual([
      ['bad_schema', '/value/$defs/a/nonsense', 'The keyword "nonsense" is not read here.'],
      ['bad_type', '/value/definitions/b', expect.stringContaining('a JSON Schema')],
    ]);
  });
});

describe('a schema that is refused', () => {
  it('is not measured: what is wrong is said first', () => {
    for (const wrong of [{ nonsense: 1 }, { maximum: 'x' }, { pattern: '(' }, { $ref: '#/nowhere' }]) {
      expect(said({ ...wrong, allOf: trues(3_000) })).toHaveLength(1);
    }
    expect(said({ pattern: '(' })).toEqual([['bad_regex', '/value/pattern', 'This is no pattern.']]);
    expect(said({ patternProperties: { '(': true } })).toEqual([['bad_regex', '/value/patternProperties/(', 'This is no pattern.']]);
    expect(said({ properties: { '(': true }, dependentRequired: { '(': ['a'] } })).toEqual([]);
  });

  it('says how large it is as far as that says anything', () => {
    const doubled = (levels: number): Record<string, unknown> => Object.fromEntries(Array.from({ length: levels }, (_, at) => [`d${at}`, { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] }]));
    const sizeOf = (levels: number): string | undefined => said({ $defs: { ...doubled(levels), [`d${levels}`]: true }, $ref: '#/$defs/d0' })[0]?.[2];
    expect([sizeOf(9), sizeOf(17), sizeOf(18)]).toEqual([parts(2_046)[2], parts(524_286)[2], 'With its references written out this schema has over a million parts; at most 2000 are allowed.']);
  });
});
