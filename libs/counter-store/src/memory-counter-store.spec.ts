import { branded, ONE, parseDecimal, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { CounterAsk } from './counter-store.js';
import { MemoryCounterStore } from './memory-counter-store.js';
import { counterStoreContract } from './testing/counter-store.contract.js';

const START = 1_760_000_040_000;

counterStoreContract('memory', () => {
  const store = new MemoryCounterStore();
  return { store, startMs: branded<EpochMs>(START), heldWindows: () => store.heldWindows };
});

const askAt = (atMs: number, key = 'calls', lengthMs = 60_000): CounterAsk => {
  const start = Math.floor(atMs / lengthMs) * lengthMs;
  const window = { windowStartMs: branded<EpochMs>(start), windowEndMs: branded<EpochMs>(start + lengthMs) };
  return { key, units: ONE, max: parseDecimal('2') ?? ONE, ...window };
};

describe('memory counter store', () => {
  it('answers without a promise', () => {
    const store = new MemoryCounterStore();
    expect(store.reserve([askAt(START)])).toEqual({ taken: true });
    expect(store.release([askAt(START)])).toBeUndefined();
  });

  it('does not start a window from zero when the clock steps back over its end', () => {
    const store = new MemoryCounterStore();
    store.reserve([askAt(START), askAt(START)]);
    for (let call = 0; call < 3; call += 1) store.reserve([askAt(START + 60_000)]);
    expect(store.reserve([askAt(START + 59_999)])).toEqual({ taken: false, refusedIndex: 0 });
  });

  it('keeps a long window while short ones of other counters pass', () => {
    const store = new MemoryCounterStore();
    const day = 86_400_000;
    store.reserve([askAt(START, 'daily', day), askAt(START, 'daily', day)]);
    for (let minute = 0; minute < 120; minute += 1) store.reserve([askAt(START + minute * 60_000)]);
    expect(store.reserve([askAt(START + 120 * 60_000, 'daily', day)])).toEqual({ taken: false, refusedIndex: 0 });
  });

  it('remembers nothing of a window it has forgotten', () => {
    const store = new MemoryCounterStore();
    for (let minute = 0; minute < 5; minute += 1) store.reserve([askAt(START + minute * 60_000), askAt(START + minute * 60_000)]);
    expect(store.heldWindows).toBe(2);
    expect(store.reserve([askAt(START)])).toEqual({ taken: true });
    expect(store.reserve([askAt(START + 4 * 60_000)])).toEqual({ taken: false, refusedIndex: 0 });
  });

  it('stays bounded over many windows of many keys', () => {
    const store = new MemoryCounterStore();
    let most = 0;
    for (let minute = 0; minute < 200; minute += 1) {
      for (let key = 0; key < 50; key += 1) store.reserve([askAt(START + minute * 60_000, `key-${key}`)]);
      most = Math.max(most, store.heldWindows);
    }
    expect(most).toBeLessThanOrEqual(4 * 50);
  });

  it('answers that it is unavailable rather than hold more windows than it may, and takes nothing', () => {
    const store = new MemoryCounterStore({ maxWindows: 1 });
    expect(() => store.reserve([askAt(START), askAt(START, 'another')])).toThrow(expect.objectContaining({ code: 'counter.unavailable' }));
    expect(store.reserve([askAt(START), askAt(START)])).toEqual({ taken: true });
  });
});
