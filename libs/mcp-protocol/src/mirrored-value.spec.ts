import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeMirroredValue, encodeMirroredValue } from './mirrored-value.js';

describe('mirrored header values', () => {
  it.each([
    ['plain', 'plain'],
    ['=?base64?Y2Fmw6k=?=', 'caf\u00e9'],
    ['=?base64??=', ''],
    ['=?base64?=', '=?base64?='],
    ['=?BASE64?Y2Fmw6k=?=', '=?BASE64?Y2Fmw6k=?='],
    ['=?base64?Y2Fmw6k?=', undefined],
    ['=?base64?Y2Fm w6k=?=', undefined],
    ['=?base64?_-__?=', undefined],
    ['=?base64?Y2Fmw6l=?=', undefined],
    ['=?base64?/w==?=', undefined],
  ])('%s stands for %s', (header, text) => {
    expect(decodeMirroredValue(header)).toBe(text);
  });

  it('come back from their header form, which is visible ASCII without edge spaces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const header = encodeMirroredValue(text);
        expect(decodeMirroredValue(header)).toBe(text);
        expect(header).toMatch(/^$|^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/);
      }),
    );
    for (const text of [' edge', '=?base64?x?=', '\u{1f600}']) expect(encodeMirroredValue(text)).toMatch(/^=\?base64\?/);
  });
});
