import type { JsonObject, JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { PathStep } from '../document.js';
import { admits, canBe, listedTexts, sayTypes, schemaAt } from './input-schema.js';

/** A path as steps: a name, the index of an element, `*` for each, and `/name` for a pointer's token. */
const steps = (path: readonly (string | number)[]): readonly PathStep[] =>
  path.map((step) => {
    if (typeof step === 'number') return { kind: 'index', index: step };
    if (step === '*') return { kind: 'each' };
    return step.startsWith('/') ? { kind: 'token', token: step.slice(1) } : { kind: 'key', key: step };
  });
const at = (schema: JsonObject, ...path: readonly (string | number)[]) => schemaAt(schema, steps(path));
const found = (isRequired: boolean, ...schemas: readonly JsonObject[]) => ({ kind: 'found', schemas, isRequired });
const absent = (step: number, ...known: readonly string[]) => ({ kind: 'absent', step, known });
const open = { kind: 'open' };
const [text, whole, number] = [{ type: 'string' }, { type: 'integer' }, { type: 'number' }];
/** As two schemas together say it. */
const [texts, wholes] = [{ type: ['string'] }, { type: ['integer'] }];
const members = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...rest });

describe('a name in a schema', () => {
  it.each<[string, JsonObject, object]>([
    ['that is declared', members({ a: text }), found(false, text)],
    ['that is required', members({ a: text }, { required: ['a'] }), found(true, text)],
    ['whose neighbour is required', members({ a: text }, { required: ['b'] }), found(false, text)],
    ['whose schema says all', members({ a: true }), open],
    ['where no type is said', { properties: { a: text } }, found(false, text)],
    ['of a text', text, absent(0)],
    ['of a list or an object', { type: ['array', 'object'], properties: { a: text } }, found(false, text)],
    ['that is another', members({ b: text }), absent(0, 'b')],
    ['that every object has in code', members({ constructor: text }), absent(0, 'constructor')],
    ['where none is declared', members({}), absent(0)],
    ['where others are free', members({}, { additionalProperties: true }), open],
    ['where others are free beside declared ones', members({ b: text }, { additionalProperties: true }), absent(0, 'b')],
    ['where others are refused', { type: 'object', additionalProperties: false }, absent(0)],
    ['where others have a schema', { type: 'object', additionalProperties: whole }, found(false, whole)],
    ['where others have a schema beside declared ones', members({ b: text }, { additionalProperties: whole }), found(false, whole)],
    ['where others have an empty schema', { type: 'object', additionalProperties: {} }, found(false, {})],
    ['where others have an empty schema beside declared ones', members({ b: text }, { additionalProperties: {} }), absent(0, 'b')],
    ['where nothing is said of names', { type: 'object' }, open],
    ['that a pattern declares', { type: 'object', patternProperties: { '^b': text, '^a': whole }, additionalProperties: false }, found(false, whole)],
    ['that a pattern declares free', { type: 'object', patternProperties: { a: true } }, open],
    ['where a pattern cannot be read', { type: 'object', patternProperties: { '(': text }, additionalProperties: false }, open],
    ['that no pattern declares', { type: 'object', patternProperties: { '^b': text }, additionalProperties: false }, absent(0)],
    ['of a list by its listed values', { enum: [[1]] }, absent(0)],
    ['of an object by its listed values', { enum: [{ b: 1 }] }, open],
  ])('%s', (_what, schema, wanted) => {
    expect(at(schema, 'a')).toEqual(wanted);
  });
});

describe('an element in a schema', () => {
  it.each<[string, JsonObject, object]>([
    ['of a list', { type: 'array', items: text }, found(false, text)],
    ['of a list, no type said', { items: text }, found(false, text)],
    ['of a list of anything', { type: 'array' }, open],
    ['of a list that says yes', { type: 'array', items: true }, open],
    ['of a tuple', { type: 'array', prefixItems: [whole], items: text }, open],
    ['of an object', members({ a: text }), absent(0, 'a')],
    ['of a text', text, absent(0)],
  ])('%s', (_what, schema, wanted) => {
    expect(at(schema, 0)).toEqual(wanted);
    expect(at(schema, '*')).toEqual(wanted);
  });
});

describe('a token of a pointer', () => {
  it.each<[JsonObject, string, object]>([
    [{ type: 'array', items: text }, '/0', found(false, text)],
    [{ type: 'array', items: text }, '/10', found(false, text)],
    [{ type: 'array', items: text }, '/01', absent(0)],
    [{ type: 'array', items: text }, '/a', absent(0)],
    [members({ 0: text }, { required: ['0'] }), '/0', found(true, text)],
    [members({ a: text }), '/b', absent(0, 'a')],
    [{ properties: { 0: text }, items: whole }, '/0', found(false, text)],
    [{ type: ['array', 'object'], items: whole, properties: { 0: text } }, '/0', found(false, text)],
  ])('in %j: %s', (schema, token, wanted) => {
    expect(at(schema, token)).toEqual(wanted);
  });
});

describe('a path', () => {
  it('leads through objects and lists, required where every name of it is', () => {
    const schema = members({ l: { type: 'array', items: members({ a: text }, { required: ['a'] }) }, o: members({ a: text }, { required: ['a'] }) }, { required: ['l', 'o'] });
    expect(at(schema)).toEqual(found(true, schema));
    expect(at(schema, 'o', 'a')).toEqual(found(true, text));
    expect(at(schema, '/o', '/a')).toEqual(found(true, text));
    expect(at(schema, 'l', 0, 'a')).toEqual(found(false, text));
    expect(at(schema, 'l', '*', 'b')).toEqual(absent(2, 'a'));
    expect(at(schema, 'o', 'x', 'y')).toEqual(absent(1, 'a'));
    expect(at(schema, 'x', 'y')).toEqual(absent(0, 'l', 'o'));
  });

  it.each<[string, JsonObject, object]>([
    ['#', members({ a: { $ref: '#' } }), found(false, { type: ['object'], properties: { a: { $ref: '#' } } })],
    ['#/$defs/x', members({ a: { $ref: '#/$defs/x' } }, { $defs: { x: text } }), found(false, texts)],
    ['with escapes', members({ a: { $ref: '#/$defs/x~1y~0z' } }, { $defs: { 'x/y~z': text } }), found(false, texts)],
    ['in a chain', members({ a: { $ref: '#/$defs/x' } }, { $defs: { x: { $ref: '#/$defs/y' }, y: text } }), found(false, texts)],
    ['with keywords beside it', members({ a: { $ref: '#/$defs/x', minimum: 1 } }, { $defs: { x: whole } }), found(false, { minimum: 1, ...wholes })],
    ['to nothing', members({ a: { $ref: '#/$defs/x' } }), open],
    ['to what is no schema', members({ a: { $ref: '#/$defs' } }, { $defs: 5 }), open],
    ['into a text', members({ a: { $ref: '#/$defs/x/length' } }, { $defs: { x: 'abc' } }), open],
    ['to an anchor', members({ a: { $ref: '#x' } }, { x: text }), open],
    ['to another document', members({ a: { $ref: 'x.json' } }), open],
    ['that is none', members({ a: { $ref: 5 } }), open],
    ['to what every object has in code', members({ a: { $ref: '#/constructor' } }), open],
    ['in a circle', members({ a: { $ref: '#/$defs/x' } }, { $defs: { x: { $ref: '#/$defs/x' } } }), open],
  ])('follows a reference %s', (_what, schema, wanted) => {
    expect(at(schema, 'a')).toEqual(wanted);
  });

  it('follows references eight deep', () => {
    const chain = (length: number) => members({ a: { $ref: '#/$defs/1' } }, { $defs: Object.fromEntries(Array.from({ length }, (_, index) => [String(index + 1), index + 1 === length ? text : { $ref: `#/$defs/${index + 2}` }])) });
    expect(at(chain(8), 'a')).toEqual(found(false, texts));
    expect(at(chain(9), 'a')).toEqual(open);
    const nested = (keyword: string, levels: number): JsonObject => (levels === 0 ? text : { [keyword]: [nested(keyword, levels - 1)] });
    for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
      expect(at(members({ a: nested(keyword, 8) }), 'a')).toEqual(found(false, texts));
      expect(at(members({ a: nested(keyword, 9) }), 'a')).toEqual(open);
    }
  });

  it.each(['if', 'dependentSchemas', 'unevaluatedProperties', '$dynamicRef'])('does not read beside %s', (keyword) => {
    expect(at(members({ a: text }, { [keyword]: {} }), 'b')).toEqual(open);
    expect(at(members({ a: { ...text, [keyword]: {} } }), 'a')).toEqual(open);
  });
});

describe('alternatives', () => {
  const b = members({ b: whole });
  it.each<[string, JsonObject, object]>([
    ['any of two', { anyOf: [members({ a: text }), b] }, found(false, text)],
    ['any of two that have it', { anyOf: [members({ a: text }), members({ a: whole })] }, found(false, text, whole)],
    ['one of two that require it', { oneOf: [members({ a: text }, { required: ['a'] }), members({ a: whole }, { required: ['a'] })] }, found(true, text, whole)],
    ['one of two, one of which requires it', { oneOf: [members({ a: text }, { required: ['a'] }), members({ a: whole })] }, found(false, text, whole)],
    ['any of two, one of which says nothing', { anyOf: [members({ a: text }), { type: 'object' }] }, open],
    ['any of two, one of which is no schema', { anyOf: [members({ a: text }), 5] }, open],
    ['any of what is no list', { anyOf: members({ a: text }) }, open],
    ['all of what is no list', { allOf: members({ a: text }) }, open],
    ['all of two, one of which is no schema', { allOf: [members({ a: text }), 5] }, open],
    ['all of two that have it', { allOf: [members({ a: { minLength: 1 } }), members({ a: text })] }, found(false, { minLength: 1, ...texts })],
    ['all of two of the same type', { allOf: [members({ a: number }), members({ a: whole })] }, found(false, wholes)],
    ['all of two, the first narrower', { allOf: [members({ a: whole }), members({ a: number })] }, found(false, wholes)],
    ['all of two that require others', { allOf: [members({ a: text }, { required: ['a'] }), members({}, { required: ['b'] })] }, found(true, text)],
    ['all of two, the second of which requires it', { allOf: [members({ a: text }, { required: ['b'] }), members({}, { required: ['a'] })] }, found(true, text)],
    ['all of one that requires it', { allOf: [members({ a: text }), { required: ['a'] }] }, found(true, text)],
    ['of none', { anyOf: [] }, absent(0)],
    ['beside names', members({ a: text }, { anyOf: [{ required: ['a'] }, {}] }), found(false, text, text)],
    ['beside names that all require it', members({ a: text }, { anyOf: [{ required: ['a'] }, { required: ['a', 'b'] }] }), found(true, text, text)],
    ['beside other names that are refused', members({}, { additionalProperties: false, anyOf: [{ additionalProperties: true }] }), absent(0)],
    ['beside other names that are free', members({}, { additionalProperties: true, anyOf: [{}] }), open],
    ['of two patterns', { type: 'object', additionalProperties: false, patternProperties: { x: text }, allOf: [{ patternProperties: { a: whole } }] }, found(false, whole)],
    ['of types that exclude each other', { type: 'object', properties: { a: text }, anyOf: [{ type: 'string' }] }, absent(0, 'a')],
    ['of lists of types', { type: ['object', 'string'], properties: { a: text }, anyOf: [{ type: ['object', 'null'] }] }, found(false, text)],
  ])('%s', (_what, schema, wanted) => {
    expect(at(schema, 'a')).toEqual(wanted);
  });

  it('are followed as far as there are 64', () => {
    const choice = (count: number) => Array.from({ length: count }, (_, index) => ({ const: index }));
    const kinds = (schema: JsonObject) => schemaAt(members({ a: schema }), steps(['a'])).kind;
    expect([kinds({ anyOf: choice(64) }), kinds({ anyOf: choice(65) })]).toEqual(['found', 'open']);
    expect([kinds({ anyOf: choice(8), oneOf: choice(8) }), kinds({ anyOf: choice(13), oneOf: choice(5) })]).toEqual(['found', 'open']);
    expect([kinds({ anyOf: [{ anyOf: choice(60) }, { anyOf: choice(4) }] }), kinds({ anyOf: [{ anyOf: choice(60) }, { anyOf: choice(5) }] })]).toEqual(['found', 'open']);
    const lists = (count: number): JsonObject => ({ anyOf: Array.from({ length: count }, () => ({ type: 'array', items: { anyOf: choice(8) } })) });
    expect([schemaAt(lists(8), steps([0])).kind, schemaAt(lists(9), steps([0])).kind]).toEqual(['found', 'open']);
  });
});

describe('the values of alternatives', () => {
  it.each<[readonly JsonObject[], JsonValue, boolean]>([
    [[text], 'a', true],
    [[text], 5, false],
    [[number], 5.5, true],
    [[whole], 5, true],
    [[{ type: 'null' }], null, true],
    [[{ type: 'array' }], [1], true],
    [[{ type: 'array' }], { 0: 1 }, false],
    [[{ type: 'object' }], {}, true],
    [[{ type: 'object' }], [], false],
    [[{ type: 'object' }], null, false],
    [[{ type: 'boolean' }], true, true],
    [[{}], 'a', true],
    [[{ const: 5 }], 5, true],
    [[{ const: 5 }], 6, false],
    [[{ const: 'a', enum: ['b'] }], 'b', false],
    [[{ enum: ['a', [1]] }], [1], true],
    [[{ enum: 'a' }], 'b', true],
    [[text, whole], 5, true],
    [[{ type: ['string', 5] }], 5, false],
    [[{ type: 5 }], 5, true],
    [[], 5, false],
  ])('%j admit %j: %s', (schemas, value, isAdmitted) => {
    expect(admits(schemas, value)).toBe(isAdmitted);
  });

  it.each<[readonly JsonObject[], readonly string[], boolean]>([
    [[text], ['string'], true],
    [[text], ['number'], false],
    [[whole], ['number'], true],
    [[{ type: ['null', 'string'] }], ['string', 'array'], true],
    [[{ const: 5 }], ['number'], true],
    [[{ const: [5] }], ['array'], true],
    [[{ const: [5] }], ['object'], false],
    [[{ enum: ['a', 5] }], ['number'], true],
    [[{ enum: ['a', null] }], ['null'], true],
    [[{ enum: ['a'] }], ['number'], false],
    [[{}], ['number'], true],
    [[text, {}], ['number'], true],
    [[], ['number'], false],
  ])('%j can be one of %j: %s', (schemas, types, can) => {
    expect(canBe(schemas, types)).toBe(can);
  });

  it.each<[readonly JsonObject[], string, readonly string[]]>([
    [[text], 'string', []],
    [[text, whole, text], 'string or integer', []],
    [[{ type: ['string', 'null'] }], 'string or null', []],
    [[{ enum: ['a', 5, null] }], 'one of "a", 5, null', ['a']],
    [[{ const: 'a' }, { const: 'b' }], 'one of "a", "b"', ['a', 'b']],
    [[{ enum: Array.from({ length: 10 }, (_, index) => index) }], 'one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9', []],
    [[{ enum: [...Array.from({ length: 10 }, (_, index) => index), 'x'] }], 'number or string', ['x']],
    [[{}], '', []],
    [[{ enum: [] }], '', []],
  ])('%j are said as "%s"', (schemas, said, texts) => {
    expect(sayTypes(schemas)).toBe(said);
    expect(listedTexts(schemas)).toEqual(texts);
  });
});
