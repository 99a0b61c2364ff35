import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { crc32 } from './crc32.js';
import { MINT_RANDOM_BYTES, TOKEN_KINDS, mintToken, parseToken } from './token.js';

const randomness = fc.uint8Array({ minLength: MINT_RANDOM_BYTES, maxLength: MINT_RANDOM_BYTES, max: 247 });
const kinds = fc.constantFrom(...TOKEN_KINDS);

describe('token', () => {
  it('has the published form', () => {
    expect(mintToken('agt', new Uint8Array(MINT_RANDOM_BYTES)).token).toBe('sp_agt_0000000000000000000000000000000000000000_2qK9wQ');
  });

  it('is read back with its kind and public id', () => {
    fc.assert(
      fc.property(kinds, randomness, (kind, random) => {
        const { token, publicId } = mintToken(kind, random);
        expect(parseToken(token)).toEqual({ kind, publicId });
      }),
    );
  });

  it('is refused when any one character is another', () => {
    fc.assert(
      fc.property(kinds, randomness, fc.nat(50), fc.constantFrom(...'aZ9_ é'), (kind, random, at, other) => {
        const { token } = mintToken(kind, random);
        const place = at % token.length;
        fc.pre(token[place] !== other);
        expect(parseToken(token.slice(0, place) + other + token.slice(place + 1))).toBeUndefined();
      }),
    );
  });

  it('is refused with anything around it', () => {
    const { token } = mintToken('usr', new Uint8Array(MINT_RANDOM_BYTES));
    for (const text of [` ${token}`, `${token}\n`, `${token}${token}`, '', 'Bearer x']) expect(parseToken(text)).toBeUndefined();
  });

  it('uses every character equally: bytes that would favour some are skipped', () => {
    const random = new Uint8Array(MINT_RANDOM_BYTES).fill(1);
    random.fill(255, 0, 20);
    expect(mintToken('svc', random).publicId).toBe('11111111');
  });

  it('checks with the common CRC-32', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
  });
});
