import { branded, ONE, parseDecimal, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { CounterAsk } from './counter-store.js';
import { MemoryCounterStore } from './memory-counter-store.js';
import { aConcurrentAsk, aSlidingAsk } from './testing/an-ask.js';
import { counterModelContract } from './testing/counter-model.contract.js';
import { counterStoreContract, type CounterStoreHarness } from './testing/counter-store.contract.js';

const START = 1_760_000_040_000;

const open = (): CounterStoreHarness => {
  const store = new MemoryCounterStore();
  return { store, startMs: branded<EpochMs>(START), at: () => undefined, seed: (spent) => store.seed(spent) };
};

counterStoreContract('memory', open);
counterModelContract('memory', open, 400);

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

  it('never holds less than nothing, however much is given back', () => {
    const store = new MemoryCounterStore();
    store.reserve([askAt(START)]);
    store.release([{ ...askAt(START), units: parseDecimal('50.5') ?? ONE }]);
    store.release([askAt(START + 60_000)]);
    expect(store.reserve([askAt(START), askAt(START)])).toEqual({ taken: true });
    expect(store.reserve([askAt(START)])).toEqual({ taken: false, refusedIndex: 0 });
  });

  it('counts a call of a sliding limit that comes late as of now, and says so', () => {
    const store = new MemoryCounterStore();
    store.reserve([aSlidingAsk(START)]);
    store.reserve([aSlidingAsk(START + 60_010)]);
    const late = store.reserve([aSlidingAsk(START + 59_000)]);
    expect(late).toMatchObject({ taken: true, asks: [{ windowStartMs: START + 60_010, windowEndMs: START + 120_010 }] });
    expect(store.reserve([aSlidingAsk(START + 120_009)])).toEqual({ taken: false, refusedIndex: 0, retryAfterMs: 1 });
  });

  it('goes by a clock that was corrected, with all that still counts', () => {
    const store = new MemoryCounterStore();
    store.reserve([aSlidingAsk(START)]);
    expect(store.reserve([aSlidingAsk(START - 3_600_000)])).toEqual({ taken: true });
    expect(store.reserve([aSlidingAsk(START - 3_599_999)])).toMatchObject({ taken: false });
    expect(store.reserve([aSlidingAsk(START - 3_540_000)])).toEqual({ taken: true });
  });

  it('forgets sliding counters in which nothing counts any more, and calls that ended', () => {
    const store = new MemoryCounterStore();
    for (let key = 0; key < 50; key += 1) store.settle([aConcurrentAsk(START)]);
    for (let key = 0; key < 50; key += 1) store.reserve([aSlidingAsk(START, { key: `key-${key}` }), aConcurrentAsk(START, { key: `key-${key}` })]);
    expect(store.heldWindows).toBe(100);
    for (let key = 0; key < 50; key += 1) store.settle([aConcurrentAsk(START, { key: `key-${key}` })]);
    for (let call = 0; call < 40; call += 1) store.reserve([aSlidingAsk(START + 130_000 + call, { max: parseDecimal('100') ?? ONE })]);
    expect(store.heldWindows).toBe(1);
  });

  it('forgets windows that passed long ago', () => {
    const store = new MemoryCounterStore();
    for (let index = 0; index < 200; index += 1) store.reserve([askAt(START - 864_000_000, `old-${index}`)]);
    for (let index = 0; index < 20; index += 1) store.reserve([askAt(START)]);
    expect(store.heldWindows).toBe(1);
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
