import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalJson, ExactNumber, type JsonValue } from './json.js';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 90 }), fc.constantFrom('', '"', '\\', '\u0000', '\u001f', '\u007f', '\u2028', '\ud7ff', '\ue000', '𝄞', '\ud800'));
const value = fc.letrec<{ any: JsonValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    text,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('2', '10', 'a', 'B')), tie('any'), { maxKeys: 20 }),
  ),
})).any;

/** The definition, said plainly: sort, then let the platform write each scalar. */
function reference(of: JsonValue): string {
  if (Array.isArray(of)) return `[${of.map(reference).join(',')}]`;
  if (typeof of !== 'object' || of === null) return JSON.stringify(of);
  return `{${Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => `${JSON.stringify(key)}:${reference(member as JsonValue)}`).join(',')}}`;
}

describe('canonical JSON', () => {
  it('is the sorted form in which the platform writes every scalar', () => {
    fc.assert(fc.property(value, (of) => {
      expect(canonicalJson(of)).toBe(reference(of));
    }), { numRuns: 2_000 });
  });

  it('sorts keys by their UTF-16 units, nested ones too, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: { '\ue000': 1, '𝄞': 2 }, c: undefined })).toBe('{"a":{"𝄞":2,"\ue000":1},"b":1}');
  });

  it('keeps the digits of an exact number and writes zero without its sign', () => {
    expect(canonicalJson([new ExactNumber('12345678901234567890'), -0, 1e21, 1e-7])).toBe('[12345678901234567890,0,1e+21,1e-7]');
  });

  it('says null for what no JSON number is', () => {
    expect(canonicalJson([Number.NaN, Number.POSITIVE_INFINITY])).toBe('[null,null]');
  });
});
