import { branded, ONE, type EpochMs } from '@sallyport/kernel';
import { beforeEach, describe, expect, it } from 'vitest';

import type { CounterAsk, CounterSeed, CounterStore, Reservation } from '../counter-store.js';
import { aConcurrentAsk, aFixedAsk, aSlidingAsk, decimal } from './an-ask.js';

/** A fresh, empty store and what the suites must know about it. */
export interface CounterStoreHarness {
  readonly store: CounterStore;
  /** The start of the first window the suites ask about; later windows lie up to two months after it. A whole minute. */
  readonly startMs: EpochMs;
  /** Makes it that instant for a store that has a time of its own. */
  at(nowMs: number): void;
  /** Puts back what was spent before a restart, into a store that nobody has asked yet. */
  seed(spent: readonly CounterSeed[]): void | Promise<void>;
}

const MINUTE_MS = 60_000;
const OTHER = 'o/p/other/grant/g';
const taken = expect.objectContaining({ taken: true });
const refused = (refusedIndex: number) => expect.objectContaining({ taken: false, refusedIndex });

/** What every counter store must do. `open` is called before each test. */
export function counterStoreContract(name: string, open: () => CounterStoreHarness | Promise<CounterStoreHarness>): void {
  describe(`CounterStore contract: ${name}`, () => {
    let harness: CounterStoreHarness;
    let store: CounterStore;
    let nowMs: number;

    const goTo = (afterMs: number): void => {
      nowMs = harness.startMs + afterMs;
      harness.at(nowMs);
    };
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
      goTo(0);
    });

    const fixed = (over: Partial<CounterAsk> = {}) => aFixedAsk(nowMs, over);
    const sliding = (over: Partial<CounterAsk> = {}) => aSlidingAsk(nowMs, over);
    const flying = (over: Partial<CounterAsk> = {}) => aConcurrentAsk(nowMs, over);
    const reserve = async (...asks: CounterAsk[]): Promise<Reservation> => store.reserve(asks);
    const take = async (...asks: CounterAsk[]): Promise<readonly CounterAsk[]> => {
      const answer = await store.reserve(asks);
      expect(answer).toEqual(taken);
      return (answer.taken ? answer.asks : undefined) ?? asks;
    };
    const room = async (ask: CounterAsk): Promise<number> => {
      let admitted = 0;
      while ((await store.reserve([ask])).taken) admitted += 1;
      return admitted;
    };

    describe.each([
      ['fixed', fixed],
      ['sliding', sliding],
      ['concurrent', flying],
    ] as const)('%s', (_, ask) => {
      it('admits up to the maximum and refuses the unit past it', async () => {
        expect(await reserve(ask())).toEqual(taken);
        expect(await reserve(ask())).toEqual(taken);
        expect(await reserve(ask())).toEqual(refused(0));
      });

      it('takes every ask of a call or none, and names the first that was refused', async () => {
        await take(ask({ units: decimal('2') }));
        const other = ask({ key: OTHER, max: ONE });
        expect(await reserve(other, ask(), ask({ key: 'o/p/never/grant/g', max: decimal('0') }))).toEqual(refused(1));
        expect(await room(other)).toBe(1);
      });

      it('keeps counters of different keys apart', async () => {
        await take(ask({ units: decimal('2') }));
        expect(await room(ask({ key: OTHER }))).toBe(2);
      });

      it('charges a counter that two asks of one call name by each of them', async () => {
        const three = ask({ max: decimal('3') });
        expect(await reserve(three, three)).toEqual(taken);
        expect(await reserve(three, three)).toEqual(refused(1));
        expect(await room(three)).toBe(1);
      });

      it('takes again what was given back', async () => {
        const asks = await take(ask(), ask());
        await store.release(asks);
        expect(await room(ask())).toBe(2);
      });

      it('gives back one call and no other', async () => {
        const first = await take(ask());
        await take(ask());
        await store.release(first);
        expect(await room(ask())).toBe(1);
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
        await take(ask({ units: decimal('9007199254740992'), max }));
        expect(await reserve(ask({ units: decimal('1.0000000000000000001'), max }))).toEqual(refused(0));
        await take(ask({ max }));
        expect(await reserve(ask({ units: decimal('0.0000000000000000001'), max }))).toEqual(refused(0));
      });

      it('counts amounts of 400 digits', async () => {
        const large = decimal('9'.repeat(400));
        const max = decimal(`1${'0'.repeat(399)}`);
        expect(await reserve(ask({ units: large, max }))).toEqual(refused(0));
        const small = decimal(`0.${'0'.repeat(398)}1`);
        await take(ask({ units: small, max: large }));
        expect(await reserve(ask({ units: large, max: large }))).toEqual(refused(0));
        await take(ask({ units: small, max: large }));
      });

      it('mixes whole amounts and fractions in one counter', async () => {
        await take(ask());
        const half = await take(ask({ units: decimal('0.5') }));
        expect(await reserve(ask())).toEqual(refused(0));
        await store.release(half);
        expect(await reserve(ask())).toEqual(taken);
      });

      it('refuses an amount below zero as a fault and takes nothing', async () => {
        await expect(reserve(ask(), ask({ units: decimal('-1') }))).rejects.toMatchObject({ code: 'counter.invalid_ask' });
        expect(await room(ask())).toBe(2);
      });
    });

    it('answers a call without limits', async () => {
      expect(await reserve()).toEqual(taken);
    });

    it('takes asks of every algorithm in one call, all or none', async () => {
      await take(fixed(), sliding(), flying());
      const asks = await take(fixed(), sliding(), flying());
      expect(await reserve(fixed({ key: OTHER }), sliding({ key: OTHER }), flying())).toEqual(refused(2));
      expect(await room(sliding({ key: OTHER }))).toBe(2);
      await store.release(asks);
      await take(fixed(), sliding(), flying());
    });

    it('starts from zero in the next window, and ends the last one for good', async () => {
      await take(fixed({ units: decimal('2') }));
      goTo(MINUTE_MS - 1);
      expect(await room(fixed())).toBe(0);
      goTo(MINUTE_MS);
      expect(await room(fixed())).toBe(2);
    });

    it('gives units back to the window they came from and to no other', async () => {
      const first = await take(fixed({ units: decimal('2') }));
      goTo(MINUTE_MS);
      await take(fixed({ units: decimal('2') }));
      await store.release(first);
      expect(await room(fixed())).toBe(0);
    });

    it('counts by months of the calendar', async () => {
      const month = monthOf(nowMs);
      const ask = { calendar: 'month', windowStartMs: month.startMs, windowEndMs: month.endMs } as const;
      await take(fixed({ ...ask, units: decimal('2') }));
      goTo(month.endMs - 1 - harness.startMs);
      expect(await room(fixed(ask))).toBe(0);
      goTo(month.endMs - harness.startMs);
      const next = monthOf(nowMs);
      expect(await room(fixed({ ...ask, windowStartMs: next.startMs, windowEndMs: next.endMs }))).toBe(2);
    });

    it('lets a sliding limit have its units back one by one, each to the millisecond', async () => {
      await take(sliding());
      goTo(20_000);
      await take(sliding());
      goTo(MINUTE_MS - 1);
      expect(await reserve(sliding())).toEqual({ taken: false, refusedIndex: 0, retryAfterMs: 1 });
      goTo(MINUTE_MS);
      expect(await room(sliding())).toBe(1);
      goTo(MINUTE_MS + 19_999);
      expect(await room(sliding())).toBe(0);
      goTo(MINUTE_MS + 20_000);
      expect(await room(sliding())).toBe(1);
    });

    it('admits no double burst around a boundary of a sliding limit', async () => {
      goTo(MINUTE_MS - 1);
      expect(await room(sliding())).toBe(2);
      goTo(MINUTE_MS);
      expect(await room(sliding())).toBe(0);
    });

    it('gives a sliding limit nothing back for what no longer counts', async () => {
      const old = await take(sliding({ units: decimal('2') }));
      goTo(MINUTE_MS);
      await take(sliding({ units: decimal('2') }));
      await store.release(old);
      expect(await room(sliding())).toBe(0);
    });

    it('never admits more for a log of thousands of entries, and keeps it bounded', async () => {
      const many = { max: decimal('5000') };
      for (let call = 0; call < 5_000; call += 100) {
        goTo(call);
        const asks = Array.from({ length: 100 }, (_, index) => aSlidingAsk(nowMs + index, many));
        for (const ask of asks) {
          harness.at(ask.windowStartMs);
          await take(ask);
        }
      }
      goTo(MINUTE_MS - 1);
      expect(await reserve(sliding(many))).toEqual(refused(0));
      goTo(MINUTE_MS + 100);
      expect(await room(sliding(many))).toBe(101);
      goTo(2 * MINUTE_MS + 10_000);
      expect(await reserve(sliding(many))).toEqual(taken);
    }, 30_000);

    it('holds a call in flight until it is settled, and keeps its other units', async () => {
      const both = [fixed(), flying({ max: ONE })];
      const asks = await take(...both);
      goTo(50_000);
      expect(await reserve(fixed({ key: OTHER }), flying({ max: ONE }))).toEqual(refused(1));
      await store.settle(asks);
      await take(flying({ max: ONE }));
      expect(await room(fixed())).toBe(1);
    });

    it('gives back of a call that ended only what it does not count for', async () => {
      const asks = await take(fixed({ units: decimal('2') }), sliding({ units: decimal('2') }), flying({ units: decimal('2') }));
      await store.settle(asks, [1]);
      expect([await room(fixed()), await room(sliding()), await room(flying())]).toEqual([0, 2, 2]);
    });

    it('goes on from what was spent before a restart [limits/survive-restart]', async () => {
      const { key, windowStartMs, windowEndMs } = fixed();
      await harness.seed([{ key, windowStartMs, windowEndMs, units: ONE }, { key: OTHER, windowStartMs, windowEndMs, units: decimal('7.5') }]);
      expect(await room(fixed())).toBe(1);
      expect(await room(fixed({ key: OTHER, max: decimal('10') }))).toBe(2);
    });

    it('goes on with a sliding limit from what was spent before a restart', async () => {
      const early = aSlidingAsk(nowMs - 40_000);
      const late = aSlidingAsk(nowMs - 10_000);
      await harness.seed([early, early, late].map(({ key, windowStartMs, windowEndMs }) => ({ key, windowStartMs, windowEndMs, units: ONE, algorithm: 'sliding' })));
      const four = { max: decimal('4') };
      expect(await room(sliding(four))).toBe(1);
      goTo(20_000);
      expect(await room(sliding(four))).toBe(2);
    });

    it('may be seeded beyond a maximum that has been lowered since, and then refuses', async () => {
      const { key, windowStartMs, windowEndMs } = fixed();
      await harness.seed([{ key, windowStartMs, windowEndMs, units: decimal('40') }]);
      expect(await reserve(fixed())).toEqual(refused(0));
    });
  });
}

function monthOf(atMs: number): { readonly startMs: EpochMs; readonly endMs: EpochMs } {
  const at = new Date(atMs);
  const start = (month: number) => branded<EpochMs>(Date.UTC(at.getUTCFullYear(), month));
  return { startMs: start(at.getUTCMonth()), endMs: start(at.getUTCMonth() + 1) };
}
