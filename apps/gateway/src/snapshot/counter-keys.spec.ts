import { describe, expect, it } from 'vitest';

import { CounterKeys } from './counter-keys.js';

const ask = (about: object = {}) => ({ counter: 'c', scope: 'grant', scopeValue: 'g', algorithm: 'fixed', ...about }) as const;
const keys = new CounterKeys('o/p/', (text) => `digest-${[...text].reduce((sum, unit) => sum + unit.charCodeAt(0), 0)}`);

describe('the keys of a grant’s counters', () => {
  it('differ by counter, scope, value and algorithm', () => {
    const asks = [ask(), ask({ counter: 'd' }), ask({ algorithm: 'sliding' }), ask({ algorithm: 'concurrent' }), ask({ scope: 'identity' }), ask({ scope: 'identity', scopeValue: 'h' })];
    const made = asks.map((each) => keys.keyOf(each));
    expect(new Set(made).size).toBe(asks.length);
    expect(asks.map((each) => keys.keyOf(each))).toEqual(made);
    expect(made[0]).toBe('o/p/c/grant/g');
  });

  it('hold no value of an argument, and still tell them apart', () => {
    const of = (value: string) => keys.keyOf(ask({ scope: 'argument:args.customer', scopeValue: JSON.stringify(value) }));
    expect([of('ab'), of('b')]).toEqual(['o/p/c/argument:args.customer/hmac:digest-263', 'o/p/c/argument:args.customer/hmac:digest-166']);
  });
});
