import { branded, type EpochMs } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { CounterAlgorithm, CounterAsk, Reservation } from '../counter-store.js';
import type { CounterStoreHarness } from './counter-store.contract.js';
import { decimal } from './an-ask.js';

/** An amount in tenths, of a counter that is one of a few by its name, with its algorithm and maximum. */
interface ModelAsk {
  readonly counter: (typeof COUNTERS)[number];
  readonly tenths: number;
}

/** What the model knows of one admitted ask: everything, for ever. */
interface ModelCharge {
  readonly ask: ModelAsk;
  readonly startMs: number;
  readonly endMs: number;
  state: 'open' | 'settled' | 'released';
}

interface Admitted {
  readonly charges: readonly ModelCharge[];
  readonly asks: readonly CounterAsk[];
}

type Step =
  | { readonly do: 'reserve'; readonly asks: readonly ModelAsk[] }
  | { readonly do: 'release' | 'settle'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number };

const COUNTERS = [
  { key: 'o/p/minute/grant/g', algorithm: 'fixed', lengthMs: 60_000, maxTenths: 30 },
  { key: 'o/p/seven/grant/g', algorithm: 'fixed', lengthMs: 7_000, maxTenths: 25 },
  { key: 'o/p/sliding/sliding:grant/g', algorithm: 'sliding', lengthMs: 10_000, maxTenths: 30 },
  { key: 'o/p/short/sliding:grant/g', algorithm: 'sliding', lengthMs: 1_000, maxTenths: 11 },
  { key: 'o/p/flying/concurrent:grant/g', algorithm: 'concurrent', lengthMs: 0, maxTenths: 30 },
] as const satisfies readonly { key: string; algorithm: CounterAlgorithm; lengthMs: number; maxTenths: number }[];

const asks = fc.array(fc.record({ counter: fc.constantFrom(...COUNTERS), tenths: fc.constantFrom(10, 10, 10, 0, 1, 7, 25) }), { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('reserve' as const), asks }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'settle' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 300, 999, 1_000, 2_500, 7_000) }) },
);

/** That a store answers every history of reserves, releases, settlements and waits as a model does that forgets nothing and adds up everything. */
export function counterModelContract(name: string, open: () => CounterStoreHarness | Promise<CounterStoreHarness>, numRuns: number): void {
  describe(`CounterStore model: ${name}`, () => {
    it('answers as a plain list of all charges would, for whatever history', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => runBoth(await open(), steps)), { numRuns });
    }, 60_000);
  });
}

async function runBoth(harness: CounterStoreHarness, steps: readonly Step[]): Promise<void> {
  const charges: ModelCharge[] = [];
  const admitted: Admitted[] = [];
  let nowMs: number = harness.startMs;
  harness.at(nowMs);
  for (const one of steps) {
    if (one.do === 'wait') {
      nowMs += one.ms;
      harness.at(nowMs);
    } else if (one.do === 'reserve') {
      const real = one.asks.map((ask) => realAsk(ask, nowMs));
      const answer = await harness.store.reserve(real);
      expectSame(answer, modelReserve(charges, one.asks, nowMs));
      if (answer.taken) admitted.push({ charges: charges.slice(charges.length - one.asks.length), asks: answer.asks ?? real });
    } else {
      const [call] = admitted.splice(admitted.length === 0 ? 0 : one.which % admitted.length, 1);
      if (call === undefined) continue;
      for (const charge of call.charges) charge.state = one.do === 'release' ? 'released' : 'settled';
      await (one.do === 'release' ? harness.store.release(call.asks) : harness.store.settle(call.asks));
    }
  }
}

function expectSame(answer: Reservation, refusedIndex: number): void {
  expect(answer.taken ? -1 : answer.refusedIndex).toBe(refusedIndex);
}

/** The index of the first ask that does not fit, else -1, and the asks are charged. */
function modelReserve(charges: ModelCharge[], wanted: readonly ModelAsk[], nowMs: number): number {
  const before = charges.length;
  for (const [index, ask] of wanted.entries()) {
    const charge = chargeOf(ask, nowMs);
    if (spentTenths(charges, charge, nowMs) + ask.tenths > ask.counter.maxTenths) {
      charges.length = before;
      return index;
    }
    charges.push(charge);
  }
  return -1;
}

function chargeOf(ask: ModelAsk, nowMs: number): ModelCharge {
  const { algorithm, lengthMs } = ask.counter;
  const startMs = algorithm === 'fixed' ? Math.floor(nowMs / lengthMs) * lengthMs : nowMs;
  return { ask, startMs, endMs: startMs + lengthMs, state: 'open' };
}

function spentTenths(charges: readonly ModelCharge[], next: ModelCharge, nowMs: number): number {
  const counts = (charge: ModelCharge): boolean => {
    if (charge.ask.counter !== next.ask.counter || charge.state === 'released') return false;
    if (next.ask.counter.algorithm === 'concurrent') return charge.state === 'open';
    return next.ask.counter.algorithm === 'fixed' ? charge.startMs === next.startMs : nowMs < charge.endMs;
  };
  return charges.filter(counts).reduce((sum, charge) => sum + charge.ask.tenths, 0);
}

function realAsk(ask: ModelAsk, nowMs: number): CounterAsk {
  const { startMs, endMs } = chargeOf(ask, nowMs);
  const { key, algorithm, maxTenths } = ask.counter;
  const window = { windowStartMs: branded<EpochMs>(startMs), windowEndMs: branded<EpochMs>(endMs) };
  return { key, algorithm, ...window, units: tenths(ask.tenths), max: tenths(maxTenths) };
}

function tenths(amount: number) {
  return decimal(`${Math.floor(amount / 10)}.${amount % 10}`);
}
