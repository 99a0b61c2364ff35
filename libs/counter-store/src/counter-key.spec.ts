import { branded, ONE, type EpochMs } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { counterKey, organisationOfKey, seedOfCharge, type CounterName } from './counter-key.js';
import { COUNTER_ALGORITHMS } from './counter-store.js';

const awkward = fc.string({ unit: fc.constantFrom('a', '/', '%', '2', 'F', ':', 'sliding') });
const names: fc.Arbitrary<CounterName> = fc.record({
  counter: awkward,
  scope: fc.constantFrom('grant', 'session', 'argument:a/b'),
  scopeValue: awkward,
  algorithm: fc.constantFrom(...COUNTER_ALGORITHMS),
});
const charge = (key: string) => ({ key, windowStartMs: branded<EpochMs>(0), windowEndMs: branded<EpochMs>(60_000), units: '1' });

describe('the key of a counter', () => {
  it('names organisation, policy, counter and scope', () => {
    expect(counterKey('o/p/', { counter: 'calls', scope: 'grant', scopeValue: 'g' })).toBe('o/p/calls/grant/g');
    expect(organisationOfKey('o/p/calls/grant/g')).toBe('o');
  });

  it('is another one for every other name, whatever is in a value', () => {
    fc.assert(
      fc.property(names, names, (left, right) => {
        const isSame = JSON.stringify([left.counter, left.scope, left.scopeValue, left.algorithm]) === JSON.stringify([right.counter, right.scope, right.scopeValue, right.algorithm]);
        expect(counterKey('o/p/', left) === counterKey('o/p/', right)).toBe(isSame);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves no stored charge out because its units cannot be read', () => {
    expect(() => seedOfCharge({ ...charge('o/p/calls/grant/g'), units: 'many' })).toThrow(expect.objectContaining({ code: 'counter.invalid_ask' }));
  });

  it('tells a stored charge how to count again', () => {
    fc.assert(
      fc.property(names, (name) => {
        const seed = seedOfCharge(charge(counterKey('o/p/', name)));
        if (name.algorithm === 'concurrent') expect(seed).toBeUndefined();
        else expect(seed).toMatchObject({ units: ONE, ...(name.algorithm === 'sliding' ? { algorithm: 'sliding' } : {}) });
        expect(name.algorithm === 'fixed' && seed !== undefined && 'algorithm' in seed).toBe(false);
      }),
    );
  });
});
