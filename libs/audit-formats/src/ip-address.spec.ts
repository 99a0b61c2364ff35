import { isIP } from 'node:net';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ipAddress, ipVersionOf } from './ip-address.js';

describe('an IP address', () => {
  it.each(['192.0.2.1', '0.0.0.0', '255.255.255.255'])('is %s, of version 4', (text) => {
    expect(ipVersionOf(text)).toBe(4);
  });

  it.each(['::', '::1', '2001:db8::8:800:200c:417a', 'FF01:0:0:0:0:0:0:101', '::ffff:192.0.2.1', '1:2:3:4:5:6:192.0.2.1', '1::'])('is %s, of version 6', (text) => {
    expect(ipVersionOf(text)).toBe(6);
  });

  it.each(['', '...', ':', ':::', '1::2::3', '999.1.1.1', '01.2.3.4', '1.2.3', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '12345::', '192.0.2.1::', '::192.0.2.1:1', 'fe80::1%eth0', '192.0.2.1\n', 'localhost'])('is not %j', (text) => {
    expect(ipVersionOf(text)).toBeUndefined();
    expect(ipAddress(text)).toBeUndefined();
  });

  it('is what the platform takes for one, whatever is put together', () => {
    const part = fc.constantFrom(':', '::', '.', '0', '1', 'a', 'ffff', '255', '256', '192.0.2.1', 'g', '');
    const either = fc.oneof(fc.ipV6(), fc.ipV4(), fc.array(part, { maxLength: 18 }).map((parts) => parts.join('')));
    fc.assert(fc.property(either, (text) => (ipVersionOf(text) ?? 0) === isIP(text)), { numRuns: 20_000 });
  });
});
