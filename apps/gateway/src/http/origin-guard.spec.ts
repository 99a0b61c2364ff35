import { describe, expect, it } from 'vitest';

import { OriginGuard } from './origin-guard.js';

const guard = new OriginGuard(['gate.example']);

describe('origin guard', () => {
  it.each([
    ['a loopback name with a port', 'localhost:7400', null],
    ['a loopback address', '127.0.0.1:7400', null],
    ['a loopback address of IPv6', '[::1]:7400', null],
    ['the public name, whatever its case', 'Gate.Example', null],
    ['the address the connection arrived at', '10.1.2.3:7400', null],
    ['another name', 'evil.example', 'host'],
    ['a name that only begins like ours', 'localhost.evil.example', 'host'],
    ['no name', '', 'host'],
  ] as const)('takes a Host for what it is: %s', (_what, host, refusal) => {
    expect(guard.refuses({ host, origin: null }, { localAddress: '::ffff:10.1.2.3' })).toBe(refusal);
  });

  it('takes no other name after one of ours, and no address of another connection', () => {
    const judge = (host: string, localAddress: string): unknown => guard.refuses({ host, origin: null }, { localAddress });
    expect([judge('gate.example', '10.1.2.3'), judge('gate.exampl', '10.1.2.3'), judge('gate.example', '10.1.2.3')]).toEqual([null, 'host', null]);
    expect([judge('10.1.2.3', '10.1.2.3'), judge('10.1.2.3', '10.9.9.9')]).toEqual([null, 'host']);
  });

  it.each([
    ['http://localhost:3000', null],
    ['https://gate.example', null],
    ['https://evil.example', 'origin'],
    ['null', 'origin'],
    ['', 'origin'],
  ] as const)('judges an Origin by itself: %j', (origin, refusal) => {
    expect(guard.refuses({ host: 'localhost', origin }, { localAddress: '127.0.0.1' })).toBe(refusal);
  });
});
