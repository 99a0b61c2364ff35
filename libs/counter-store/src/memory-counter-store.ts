import type { Decimal } from '@sallyport/kernel';

import { askAt } from './ask-at.js';
import { CallsInFlight } from './calls-in-flight.js';
import { counterFault } from './counter-store-faults.js';
import type { CounterAsk, CounterSeed, CounterStore, Reservation } from './counter-store.js';
import { FixedWindows } from './fixed-windows.js';
import { SlidingLogs } from './sliding-logs.js';

/** How much a memory counter store may hold. */
export interface MemoryCounterStoreOptions {
  /** Most windows, sliding counters and counters of calls in flight held at once, each; an ask that needs one more is answered `counter.unavailable`. Default 1,000,000 (some 150 MB of windows). */
  readonly maxWindows?: number;
  /** How long after its end a window is still remembered, so that a clock stepping back does not start it from zero. Default 60,000. */
  readonly graceMs?: number;
}

const TAKEN: Reservation = { taken: true };
const NONE: readonly number[] = [];
const WINDOWS_FORGOTTEN_PER_CALL = 32;
const LOGS_SWEPT_PER_CALL = 4;

/**
 * Counters of one process. Answers at once, never with a promise, so it cannot time out and has no use for a reservation's id.
 * Time is what the asks say.
 */
export class MemoryCounterStore implements CounterStore {
  private readonly windows: FixedWindows;
  private readonly logs: SlidingLogs;
  private readonly inFlight: CallsInFlight;

  constructor(options: MemoryCounterStoreOptions = {}) {
    const most = options.maxWindows ?? 1_000_000;
    const graceMs = options.graceMs ?? 60_000;
    this.windows = new FixedWindows(most, graceMs);
    this.logs = new SlidingLogs(most, graceMs);
    this.inFlight = new CallsInFlight(most);
  }

  /** Windows and counters in memory, for metrics. */
  get heldWindows(): number {
    return this.windows.held + this.logs.held + this.inFlight.held;
  }

  reserve(asked: readonly CounterAsk[]): Reservation {
    const asks = this.atTheirInstant(asked);
    let taken = 0;
    try {
      for (const ask of asks) {
        if (!this.take(ask)) return this.refusal(ask, taken);
        taken += 1;
      }
      return asks === asked ? TAKEN : { taken: true, asks };
    } finally {
      if (taken < asks.length) this.giveBackFirst(asks, taken);
      this.windows.forgetSome(WINDOWS_FORGOTTEN_PER_CALL);
      this.logs.forgetSome(LOGS_SWEPT_PER_CALL);
    }
  }

  release(asks: readonly CounterAsk[]): void {
    this.giveBackFirst(asks, asks.length);
  }

  settle(asks: readonly CounterAsk[], notCounted: readonly number[] = NONE): void {
    for (let index = 0; index < asks.length; index += 1) {
      const ask = asks[index];
      if (ask !== undefined && (ask.algorithm === 'concurrent' || notCounted.includes(index))) this.giveBack(ask);
    }
  }

  /** Adds what was spent before a restart; called before the first `reserve`. */
  seed(spent: readonly CounterSeed[]): void {
    for (const one of spent) {
      refuseNegative(one.units);
      if (one.algorithm === 'sliding') this.logs.add(one);
      else this.windows.add(one);
    }
    this.windows.forgetSome(WINDOWS_FORGOTTEN_PER_CALL);
  }

  private atTheirInstant(asks: readonly CounterAsk[]): readonly CounterAsk[] {
    let moved: CounterAsk[] | undefined;
    for (let index = 0; index < asks.length; index += 1) {
      const ask = asks[index];
      if (ask?.algorithm !== 'sliding') continue;
      const atMs = this.logs.instantOf(ask.windowStartMs);
      if (atMs !== ask.windowStartMs) (moved ??= [...asks])[index] = askAt(ask, atMs);
    }
    return moved ?? asks;
  }

  private take(ask: CounterAsk): boolean {
    refuseNegative(ask.units);
    switch (ask.algorithm) {
      case 'sliding':
        return this.logs.take(ask);
      case 'concurrent':
        return this.inFlight.take(ask);
      default:
        return this.windows.take(ask);
    }
  }

  private giveBackFirst(asks: readonly CounterAsk[], count: number): void {
    for (let index = 0; index < count; index += 1) {
      const ask = asks[index];
      if (ask !== undefined) this.giveBack(ask);
    }
  }

  private giveBack(ask: CounterAsk): void {
    switch (ask.algorithm) {
      case 'sliding':
        return this.logs.giveBack(ask);
      case 'concurrent':
        return this.inFlight.giveBack(ask);
      default:
        return this.windows.giveBack(ask);
    }
  }

  private refusal(ask: CounterAsk, refusedIndex: number): Reservation {
    const retryAfterMs = ask.algorithm === 'sliding' ? this.logs.retryAfterMs(ask) : undefined;
    return retryAfterMs === undefined ? { taken: false, refusedIndex } : { taken: false, refusedIndex, retryAfterMs };
  }
}

function refuseNegative(units: Decimal): void {
  if (units.coefficient < 0n) throw counterFault.invalid_ask('a counter was asked for a negative amount');
}
