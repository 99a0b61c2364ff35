import { branded, ONE, parseDecimal, type Decimal, type EpochMs } from '@sallyport/kernel';

import type { CounterAsk } from '../counter-store.js';

const MINUTE_MS = 60_000;

/** A decimal from its text. */
export function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`not a decimal: ${text}`);
  return value;
}

/** One unit of at most 2 of organisation `o`'s counter `calls`, in the whole minute that holds an instant, but for what is said otherwise. */
export function aFixedAsk(atMs: number, over: Partial<CounterAsk> = {}): CounterAsk {
  const startMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  return { ...anAsk(startMs, startMs + MINUTE_MS), ...over };
}

/** The same, in the minute that follows an instant. */
export function aSlidingAsk(atMs: number, over: Partial<CounterAsk> = {}): CounterAsk {
  return { ...anAsk(atMs, atMs + MINUTE_MS), algorithm: 'sliding', ...over };
}

/** The same, as a call in flight. */
export function aConcurrentAsk(atMs: number, over: Partial<CounterAsk> = {}): CounterAsk {
  return { ...anAsk(atMs, atMs), algorithm: 'concurrent', ...over };
}

function anAsk(startMs: number, endMs: number): CounterAsk {
  return { key: 'o/p/calls/grant/g', windowStartMs: branded<EpochMs>(startMs), windowEndMs: branded<EpochMs>(endMs), units: ONE, max: decimal('2') };
}
