import { describe, expect, it } from 'vitest';

import { CounterKeys } from './counter-keys.js';

const ask = (about: object = {}) => ({ counter: 'c', scope: 'grant', scopeValue: 'g', algorithm: 'fixed', ...about }) as const;

describe('the keys of a grant’s counters', () => {
  it('differ by counter, scope, value and algorithm', () => {
    const keys = new CounterKeys('o/p/');
    const asks = [ask(), ask({ counter: 'd' }), ask({ algorithm: 'sliding' }), ask({ algorithm: 'concurrent' }), ask({ scope: 'identity' }), ask({ scope: 'identity', scopeValue: 'h' })];
    const made = asks.map((each) => keys.keyOf(each));
    expect(new Set(made).size).toBe(asks.length);
    expect(asks.map((each) => keys.keyOf(each))).toEqual(made);
    expect(made[0]).toBe('o/p/c/grant/g');
  });

  it('hold no value of an argument that is longer than 128 characters, and still tell them apart', () => {
    const keys = new CounterKeys('o/p/');
    const of = (value: string) => keys.keyOf(ask({ scope: 'argument:args.customer', scopeValue: JSON.stringify(value) }));
    const [one, other] = [of(`${'x'.repeat(200)}1`), of(`${'x'.repeat(200)}2`)];
    expect(one).toMatch(/^o\/p\/c\/argument:args.customer\/sha256:[0-9a-f]{64}$/);
    expect(one).not.toBe(other);
    expect(of('x'.repeat(126))).toContain('"xxx');
  });
});
