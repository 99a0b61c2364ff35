import { createHmac } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hmacSha256 } from './hmac-sha256.js';

describe('HMAC-SHA256', () => {
  it('is what node:crypto computes, for any key up to a block and any text, one after another', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(fc.string({ unit: 'grapheme', maxLength: 3_000 }), { maxLength: 5 }), (bytes, texts) => {
        const key = Buffer.from(bytes);
        const digest = hmacSha256(key);
        for (const text of texts) expect(digest(text)).toBe(createHmac('sha256', key).update(text, 'utf8').digest('hex'));
      }),
    );
  });

  it.each([1_000, 100_000])('takes in the whole of a text of %i characters of three bytes, and a short one after it', (length) => {
    const key = Buffer.alloc(32, 7);
    const digest = hmacSha256(key);
    for (const text of ['€'.repeat(length), 'short']) expect(digest(text)).toBe(createHmac('sha256', key).update(text, 'utf8').digest('hex'));
  });
});
