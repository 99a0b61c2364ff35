import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HmacKeyedHashes } from './hmac-keyed-hashes.js';
import { HmacRecordMac } from './hmac-record-mac.js';
import { RootKey } from './root-key.js';

const root = RootKey.parse('11'.repeat(32));
const mac = new HmacRecordMac(root);
const record = Buffer.from('a record');

describe('the MAC of records', () => {
  it('is HMAC-SHA-256 under the key that HKDF gives for its purpose, as OpenSSL computes both', () => {
    expect(Buffer.from(mac.tag(record)).toString('hex')).toBe('43be61b1a1712527513a7798687e3ba3f3c32b317d25822807406d656c074334');
  });

  it('holds for the bytes it was made of, and for no others', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (one, other) => {
        expect(mac.verify(one, mac.tag(one))).toBe(true);
        if (Buffer.compare(one, other) !== 0) expect(mac.verify(other, mac.tag(one))).toBe(false);
      }),
    );
  });

  it.each([0, 16, 31, 33])('takes no tag of %i bytes', (length) => {
    expect(mac.verify(record, Buffer.concat([mac.tag(record), Buffer.alloc(1)]).subarray(0, length))).toBe(false);
  });

  it('cannot be made with another root key, nor by a hash for another purpose', () => {
    expect(mac.verify(record, new HmacRecordMac(RootKey.parse('22'.repeat(32))).tag(record))).toBe(false);
    expect(mac.verify(record, Buffer.from(new HmacKeyedHashes(root).tokenHash('a record'), 'hex'))).toBe(false);
  });
});
