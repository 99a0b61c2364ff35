import type { JsonObject, Sha256Hex } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { admitTools, definitionHash } from './admit-tools.js';
import { readJson } from './read-json.js';

/** Stands for SHA-256: equal texts, equal values. */
const sha256Hex = (text: string) => text as Sha256Hex;
const tool = (name: string, extra: object = {}) => ({ name, inputSchema: { type: 'object' }, ...extra });
const admit = (...listed: unknown[]) => admitTools(listed, sha256Hex);
const reasonFor = (entry: unknown) => admit(entry).rejected[0]?.reason ?? 'admitted';
const hashOf = (text: string) => {
  const read = readJson(Buffer.from(text));
  if (!read.ok) throw new Error(read.refusal.message);
  return definitionHash(read.value as JsonObject, sha256Hex);
};

describe('admitTools', () => {
  it('keeps a definition whole', () => {
    const odd = tool('a', {
      title: 'A', annotations: { readOnlyHint: true, category: 'x' }, outputSchema: { type: 'object' }, icons: [{ src: 'data:' }],
      _meta: { 'vendor/x': [1] }, id: 7, examples: [], description: 'tag \u{e0041} zero\u200bwidth \u001b[31m',
    });
    const { tools, rejected } = admit(odd);
    expect(rejected).toEqual([]);
    expect(JSON.parse(tools[0]?.definition ?? '')).toEqual(odd);
    expect(tools[0]?.definition).toBe(JSON.stringify(odd));
  });

  it('keeps numbers of a schema as they were written', () => {
    const read = readJson(Buffer.from('[{"name":"a","inputSchema":{"maximum":9007199254740993,"multipleOf":0.10}}]'));
    expect(admitTools(read.ok ? (read.value as unknown[]) : [], sha256Hex).tools[0]?.definition).toContain('9007199254740993');
  });

  it('takes a schema without a type, as real servers send it', () => {
    expect(reasonFor({ name: 'a', inputSchema: {} })).toBe('admitted');
  });

  it.each([
    ['a homoglyph', 'pаyments'],
    ['a bidirectional override', 'a\u202eb'],
    ['a zero-width space', 'a\u200bb'],
    ['a space', 'a b'],
    ['a slash', 'a/b'],
    ['nothing', ''],
    ['129 characters', 'x'.repeat(129)],
    ['10 kB', 'x'.repeat(10_000)],
    ['a number', 7],
  ])('rejects a name with %s', (_, name) => {
    expect(reasonFor(tool(name as string))).toContain('1 to 128 characters');
    expect(admit(tool(name as string)).rejected[0]?.name).toMatch(/^[\x20-\x7e]{1,1200}…?$/);
  });

  it('takes a name of 128 characters, with dots and dashes', () => {
    expect(reasonFor(tool(`a.b-c_D9${'x'.repeat(120)}`))).toBe('admitted');
  });

  it.each([
    ['no object', null, 'not an object'],
    ['no schema', { name: 'a' }, 'no inputSchema'],
    ['a schema of the wrong type', { name: 'a', inputSchema: true }, 'no inputSchema'],
    ['a remote $ref', tool('a', { inputSchema: { properties: { b: { $ref: 'https://x.test/s.json' } } } }), '$ref that leaves'],
    ['a relative $ref', tool('a', { inputSchema: { items: { $ref: 'other.json#/a' } } }), '$ref that leaves'],
    ['a remote $dynamicRef in its output', tool('a', { outputSchema: { $dynamicRef: 'file:///etc/passwd' } }), '$dynamicRef that leaves'],
    ['too many bytes', tool('a', { description: 'x'.repeat(131_072) }), 'more than 131072'],
    ['4 MB of description', tool('a', { description: 'x'.repeat(4_000_000) }), 'more than 131072'],
  ])('rejects a tool with %s', (_, entry, reason) => {
    expect(reasonFor(entry)).toContain(reason);
  });

  it('takes local references, recursive ones too', () => {
    expect(reasonFor(tool('a', { inputSchema: { $defs: { n: { properties: { n: { $ref: '#/$defs/n' } } } }, $ref: '#/$defs/n' } }))).toBe('admitted');
  });

  const nested = (levels: number): object => (levels === 1 ? { type: 'object' } : { properties: { a: nested(levels - 1) } });
  it('takes 32 nested schemas, rejects 33, and survives 100,000', () => {
    expect(reasonFor(tool('a', { inputSchema: nested(32) }))).toBe('admitted');
    expect(reasonFor(tool('a', { inputSchema: nested(33) }))).toContain('32 schemas deep');
    const deep = JSON.parse(`${'{"not":'.repeat(100_000)}{}${'}'.repeat(100_000)}`) as object;
    expect(reasonFor(tool('a', { inputSchema: deep }))).toContain('32 schemas deep');
  });

  it('takes a definition of 50,000 values, and rejects more though they are few bytes', () => {
    const of = (values: number): object => tool('a', { examples: Array.from({ length: values }, () => 0) });
    const others = 50_000 - valuesIn(of(0));
    expect(reasonFor(of(others))).toBe('admitted');
    expect(reasonFor(of(others + 1))).toContain('more than 50000 values');
  });

  it('admits the first of two tools with one name and reports the second', () => {
    const { tools, rejected } = admit(tool('a', { description: 'one' }), tool('b'), tool('a', { description: 'two' }));
    expect(tools.map(({ name, definition }) => [name, definition.includes('two')])).toEqual([['a', false], ['b', false]]);
    expect(rejected).toEqual([{ name: 'a', reason: 'The list names this tool twice; the first definition counts.' }]);
  });

  it('admits 500 of 10,000 tools and counts the rest', () => {
    const { tools, rejected } = admit(...Array.from({ length: 10_000 }, (_, index) => tool(`t${index}`)));
    expect([tools.length, rejected]).toEqual([500, [{ name: '(9500 more)', reason: 'A list may hold at most 500 tools.' }]]);
  });

  it('does not lose the good tools to the bad ones', () => {
    expect(admit('x', tool('a'), { name: 'b' }, tool('c')).tools.map(({ name }) => name)).toEqual(['a', 'c']);
  });
});

describe('definitionHash', () => {
  const base = '{"name":"a","description":"Does it.","inputSchema":{"type":"object"}}';
  it('does not change with order or spacing of keys', () => {
    expect(hashOf('{ "inputSchema":{"type":"object"},\n"description":"Does \\u0069t.","name":"a"}')).toBe(hashOf(base));
  });

  it.each([
    ['a trailing space', base.replace('it.', 'it. ')],
    ['a zero-width character', base.replace('it.', 'it.\u200b')],
    ['a composed character', base.replace('it.', 'it\u00e9.')],
    ['a member', base.replace('"name"', '"x":null,"name"')],
  ])('changes with %s', (_, text) => {
    expect(hashOf(text)).not.toBe(hashOf(base));
  });
});

/** Objects, arrays and values of a definition, itself included. */
function valuesIn(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.values(value).reduce<number>((sum, member) => sum + valuesIn(member), 1) : 1;
}
