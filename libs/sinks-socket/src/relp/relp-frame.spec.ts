import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { encodeRelp, RelpReader } from './relp-frame.js';

const frame = fc.record({ number: fc.integer({ min: 0, max: 999_999_999 }), command: fc.constantFrom('rsp', 'syslog', 'serverclose'), data: fc.uint8Array({ maxLength: 60 }) });

describe('RELP frames', () => {
  it('are read as they were written, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (frames, size) => {
        const bytes = Buffer.concat(frames.map(({ number, command, data }) => encodeRelp(number, command, data)));
        const reader = new RelpReader();
        const read = [];
        for (let at = 0; at < bytes.length; at += size) {
          const some = reader.read(bytes.subarray(at, at + size));
          if (some.ok) read.push(...some.value);
        }
        expect(read).toEqual(frames.map((one) => ({ ...one, data: Buffer.from(one.data) })));
      }),
    );
  });

  it.each(['HTTP/1.1 400 Bad Request\r\n', '1 rsp 6 200 OK!', '1 rsp 0 x', '1 rsp 99999999 x', '1 rsp 3\n', `1 ${'a'.repeat(60)}`])('are refused where they are none: %j', (text) => {
    expect(new RelpReader().read(Buffer.from(text)).ok).toBe(false);
  });
});
