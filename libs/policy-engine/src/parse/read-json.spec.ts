import { ExactNumber } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { readJson } from './read-json.js';

const codes = (text: string): readonly string[] => {
  const read = readJson(text);
  return read.ok ? [] : read.refusal.map(({ code, pointer }) => `${code} ${pointer}`);
};
const value = (text: string): unknown => {
  const read = readJson(text);
  if (!read.ok) throw new Error(read.refusal.map(({ message }) => message).join());
  return read.value;
};

describe('the JSON reader', () => {
  it('reads what JSON.parse reads', () => {
    const text = ' { "a" : [ 1, -2.5e3, "x\\u00e9\\n", true, false, null, {}, [] ] , "" : "é" } ';
    expect(JSON.parse(JSON.stringify(value(text)))).toEqual(JSON.parse(text));
  });

  it('keeps numbers that a double would change', () => {
    for (const text of ['9007199254740993', '0.1234567890123456', '1e400', '1e-400', '-1.000000000000000000']) {
      expect(value(text)).toEqual(new ExactNumber(text));
    }
    for (const [text, plain] of [['100', 100], ['0.1', 0.1], ['1e3', 1_000], ['0', 0], ['123456789012345', 123_456_789_012_345]] as const) {
      expect(value(text)).toBe(plain);
    }
  });

  it('gives a key named __proto__ no power', () => {
    const read = value('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
    expect(Object.keys(read)).toEqual(['__proto__']);
    expect(read['polluted']).toBeUndefined();
  });

  it.each([
    ['', 'bad_json '],
    ['{', 'bad_json '],
    ['{"a":1,}', 'bad_json '],
    ['[1,]', 'bad_json /1'],
    ['[1 2]', 'bad_json '],
    ['{"a" 1}', 'bad_json '],
    ['{"a":01}', 'bad_json '],
    ['{"a":+1}', 'bad_json /a'],
    ['{"a":.5}', 'bad_json /a'],
    ['{"a":NaN}', 'bad_json /a'],
    ["{'a':1}", 'bad_json '],
    ['"\t"', 'bad_json '],
    ['"\\x"', 'bad_json '],
    ['"open', 'bad_json '],
    ['"open\\', 'bad_json '],
    ['"\\ud800"', 'bad_json '],
    ['{} {}', 'bad_json '],
    ['{"a":1} // why', 'bad_json '],
    ['\ufeff{}', 'bad_json '],
  ])('refuses %j', (text, finding) => {
    expect(codes(text)).toEqual([finding]);
  });

  it('says where reading stopped', () => {
    const read = readJson('{\n  "a": nope\n}');
    expect(read.ok ? '' : read.refusal[0]?.message).toBe('Not valid JSON at line 2, column 8: a value is missing here.');
  });

  it('refuses every duplicate key, at its place', () => {
    expect(codes('{"a":1,"a":2,"b":{"c/d":1,"c\\/d":2}}')).toEqual(['duplicate_key /a', 'duplicate_key /b/c~1d']);
  });

  it('reads 64 levels and refuses 65', () => {
    expect(codes('['.repeat(64) + ']'.repeat(64))).toEqual([]);
    expect(codes('['.repeat(65) + ']'.repeat(65))).toEqual([`too_deep ${'/0'.repeat(64)}`]);
    expect(codes('['.repeat(200_000))[0]).toMatch(/^too_deep/);
  });

  it('counts its 256 KiB in UTF-8', () => {
    const filled = (character: string, times: number): string => `"${character.repeat(times)}"`;
    expect(codes(filled('a', 262_142))).toEqual([]);
    expect(codes(filled('a', 262_143))).toEqual(['too_large ']);
    expect(codes(filled('é', 131_071))).toEqual([]);
    expect(codes(filled('é', 131_072))).toEqual(['too_large ']);
    expect(codes(filled('€', 87_380))).toEqual([]);
    expect(codes(filled('€', 87_381))).toEqual(['too_large ']);
    expect(codes(filled('😀', 65_535))).toEqual([]);
    expect(codes(filled('😀', 65_536))).toEqual(['too_large ']);
    expect(codes('x'.repeat(10_000_000))).toEqual(['too_large ']);
  });
});
