import { branded, ONE, parseDecimal, type Decimal, type EpochMs } from '@sallyport/kernel';
import { beforeEach, describe, expect, it } from 'vitest';

import type { CounterAsk, CounterStore } from '../counter-store.js';

/** A fresh, empty store and what the suite must know about it. */
export interface CounterStoreHarness {
  readonly store: CounterStore;
  /** The start of the first window the suite asks about; later windows lie up to an hour after it. A whole minute. */
  readonly startMs: EpochMs;
  /** How many windows the store holds now. */
  heldWindows(): number | Promise<number>;
}

const MINUTE_MS = 60_000;
const TEN_DAYS_MS = 864_000_000;

/** What every counter store must do. `open` is called before each test. */
export function counterStoreContract(name: string, open: () => CounterStoreHarness | Promise<CounterStoreHarness>): void {
  describe(`CounterStore contract: ${name}`, () => {
    let harness: CounterStoreHarness;
    let store: CounterStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });

    /** One unit of `calls` of at most 2 in the first minute, but for what is said otherwise. */
    const ask = (over: Partial<CounterAsk> & { minute?: number } = {}): CounterAsk => {
      const { minute = 0, ...rest } = over;
      const start = harness.startMs + minute * MINUTE_MS;
      const window = { windowStartMs: branded<EpochMs>(start), windowEndMs: branded<EpochMs>(start + MINUTE_MS) };
      return { key: 'calls', units: ONE, max: decimal('2'), ...window, ...rest };
    };
    const taken = { taken: true };
    const refused = (refusedIndex: number) => ({ taken: false, refusedIndex });
    const room = async (one: CounterAsk): Promise<number> => {
      let admitted = 0;
      while ((await store.reserve([one])).taken) admitted += 1;
      return admitted;
    };

    it('admits up to the maximum and refuses the unit past it', async () => {
      expect(await store.reserve([ask()])).toEqual(taken);
      expect(await store.reserve([ask()])).toEqual(taken);
      expect(await store.reserve([ask()])).toEqual(refused(0));
    });

    it('takes every ask of a call or none, and names the first that was refused', async () => {
      await store.reserve([ask({ units: decimal('2') })]);
      const other = ask({ key: 'amount', max: ONE });
      expect(await store.reserve([other, ask(), ask({ key: 'never', max: decimal('0') })])).toEqual(refused(1));
      expect(await room(other)).toBe(1);
    });

    it('answers a call without limits', async () => {
      expect(await store.reserve([])).toEqual(taken);
    });

    it('starts from zero in the next window', async () => {
      await store.reserve([ask({ units: decimal('2') })]);
      expect(await room(ask({ minute: 1 }))).toBe(2);
      expect(await room(ask())).toBe(0);
    });

    it('keeps counters of different keys apart', async () => {
      await store.reserve([ask({ units: decimal('2') })]);
      expect(await room(ask({ key: 'calls2' }))).toBe(2);
    });

    it('charges a counter that two asks of one call name by each of them', async () => {
      const three = ask({ max: decimal('3') });
      expect(await store.reserve([three, three])).toEqual(taken);
      expect(await store.reserve([three, three])).toEqual(refused(1));
      expect(await room(three)).toBe(1);
    });

    it('gives units back to the window they came from and to no other', async () => {
      const first = ask({ units: decimal('2') });
      const second = ask({ units: decimal('2'), minute: 1 });
      await store.reserve([first]);
      await store.reserve([second]);
      await store.release([first]);
      expect(await room(ask({ minute: 1 }))).toBe(0);
      expect(await store.reserve([second])).toEqual(refused(0));
    });

    it('takes again what was given back', async () => {
      await store.reserve([ask(), ask()]);
      await store.release([ask(), ask()]);
      expect(await room(ask())).toBe(2);
    });

    it('never holds less than nothing, however much is given back', async () => {
      await store.reserve([ask()]);
      await store.release([ask({ units: decimal('50') })]);
      await store.release([ask({ minute: 1 })]);
      expect(await room(ask())).toBe(2);
      expect(await room(ask({ minute: 1 }))).toBe(2);
      await store.release([ask({ units: decimal('50.5') })]);
      expect(await room(ask({ units: decimal('0.5') }))).toBe(4);
    });

    it('admits exactly 100 of 1,000 asks at once against a maximum of 100 [limits/exact]', async () => {
      const hundred = ask({ max: decimal('100') });
      const answers = await Promise.all(Array.from({ length: 1_000 }, async () => store.reserve([hundred])));
      expect(answers.filter((answer) => answer.taken)).toHaveLength(100);
    });

    it('adds ten tenths to exactly one', async () => {
      expect(await room(ask({ units: decimal('0.1'), max: ONE }))).toBe(10);
    });

    it('tells amounts apart that a double cannot', async () => {
      const max = decimal('9007199254740993');
      await store.reserve([ask({ units: decimal('9007199254740992'), max })]);
      expect(await store.reserve([ask({ units: decimal('1.0000000000000000001'), max })])).toEqual(refused(0));
      expect(await store.reserve([ask({ max })])).toEqual(taken);
      expect(await store.reserve([ask({ units: decimal('0.0000000000000000001'), max })])).toEqual(refused(0));
    });

    it('mixes whole amounts and fractions in one counter', async () => {
      await store.reserve([ask()]);
      await store.reserve([ask({ units: decimal('0.5') })]);
      expect(await store.reserve([ask()])).toEqual(refused(0));
      await store.release([ask({ units: decimal('0.5') })]);
      expect(await store.reserve([ask()])).toEqual(taken);
    });

    it('goes on from what was spent before a restart [limits/survive-restart]', async () => {
      const { key, windowStartMs, windowEndMs } = ask();
      await store.seed([{ key, windowStartMs, windowEndMs, units: ONE }, { key: 'big', windowStartMs, windowEndMs, units: decimal('7.5') }]);
      expect(await room(ask())).toBe(1);
      expect(await room(ask({ key: 'big', max: decimal('10') }))).toBe(2);
    });

    it('may be seeded beyond a maximum that has been lowered since, and then refuses', async () => {
      const { key, windowStartMs, windowEndMs } = ask();
      await store.seed([{ key, windowStartMs, windowEndMs, units: decimal('40') }]);
      expect(await store.reserve([ask()])).toEqual(refused(0));
    });

    it('refuses an amount below zero as a fault and takes nothing', async () => {
      const reserve = async () => store.reserve([ask(), ask({ units: decimal('-1') })]);
      await expect(reserve()).rejects.toMatchObject({ code: 'counter.invalid_ask' });
      expect(await room(ask())).toBe(2);
    });

    it('forgets windows that passed long ago', async () => {
      const startMs = harness.startMs - TEN_DAYS_MS;
      const old = { windowStartMs: branded<EpochMs>(startMs), windowEndMs: branded<EpochMs>(startMs + MINUTE_MS) };
      for (let index = 0; index < 200; index += 1) await store.reserve([ask({ key: `old-${index}`, ...old })]);
      for (let index = 0; index < 20; index += 1) await store.reserve([ask({ max: decimal('20') })]);
      expect(await harness.heldWindows()).toBe(1);
    });
  });
}

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`not a decimal: ${text}`);
  return value;
}
