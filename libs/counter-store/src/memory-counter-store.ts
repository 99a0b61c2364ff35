import type { Decimal, EpochMs } from '@sallyport/kernel';

import type { CounterAsk, CounterSeed, CounterStore, Reservation } from './counter-store.js';
import { counterFault } from './counter-store-faults.js';
import { SpentUnits } from './spent-units.js';

/** How much a memory counter store may hold. */
export interface MemoryCounterStoreOptions {
  /** Most windows held at once; an ask that needs one more is answered `counter.unavailable`. Default 1,000,000 (some 150 MB). */
  readonly maxWindows?: number;
  /** How long after its end a window is still remembered, so that a clock stepping back does not start it from zero. Default 60,000. */
  readonly graceMs?: number;
}

interface CounterWindow {
  readonly key: string;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly spent: SpentUnits;
  /** Another window of the same key. */
  next: CounterWindow | null;
}

const TAKEN: Reservation = { taken: true };
const FORGOTTEN_PER_CALL = 32;

/**
 * Counters of one process. Answers at once, never with a promise.
 *
 * Time is what the asks say: the latest window start seen is "now". Windows that ended before it (and the grace) are forgotten
 * a few at each call, so nothing runs by a timer and no call pays for all of them.
 */
export class MemoryCounterStore implements CounterStore {
  private readonly windows = new Map<string, CounterWindow>();
  private readonly byEnd = new Map<EpochMs, CounterWindow[]>();
  private readonly passed: CounterWindow[][] = [];
  private readonly maxWindows: number;
  private readonly graceMs: number;
  private held = 0;
  private latestMs = Number.NEGATIVE_INFINITY;

  constructor(options: MemoryCounterStoreOptions = {}) {
    this.maxWindows = options.maxWindows ?? 1_000_000;
    this.graceMs = options.graceMs ?? 60_000;
  }

  /** Windows in memory, for metrics. */
  get heldWindows(): number {
    return this.held;
  }

  reserve(asks: readonly CounterAsk[]): Reservation {
    let taken = 0;
    try {
      for (const ask of asks) {
        if (!this.take(ask)) return { taken: false, refusedIndex: taken };
        taken += 1;
      }
      return TAKEN;
    } finally {
      if (taken < asks.length) this.giveBackFirst(asks, taken);
      this.forgetSome();
    }
  }

  release(asks: readonly CounterAsk[]): void {
    this.giveBackFirst(asks, asks.length);
  }

  seed(spent: readonly CounterSeed[]): void {
    for (const one of spent) {
      refuseNegative(one.units);
      this.windowFor(one).spent.add(one.units);
    }
    this.forgetSome();
  }

  private take(ask: CounterAsk): boolean {
    refuseNegative(ask.units);
    return this.windowFor(ask).spent.addWithin(ask.units, ask.max);
  }

  private giveBackFirst(asks: readonly CounterAsk[], count: number): void {
    for (let index = 0; index < count; index += 1) {
      const ask = asks[index];
      if (ask !== undefined) this.find(ask.key, ask.windowStartMs)?.spent.subtract(ask.units);
    }
  }

  private find(key: string, startMs: EpochMs): CounterWindow | null {
    let window = this.windows.get(key) ?? null;
    while (window !== null && window.startMs !== startMs) window = window.next;
    return window;
  }

  private windowFor(ask: CounterSeed): CounterWindow {
    return this.find(ask.key, ask.windowStartMs) ?? this.openWindow(ask);
  }

  private openWindow({ key, windowStartMs, windowEndMs }: CounterSeed): CounterWindow {
    if (this.held >= this.maxWindows) throw counterFault.unavailable(`all ${this.maxWindows} counter windows are in use`);
    const next = this.windows.get(key) ?? null;
    const window = { key, startMs: windowStartMs, endMs: windowEndMs, spent: new SpentUnits(), next };
    this.windows.set(key, window);
    this.held += 1;
    const sameEnd = this.byEnd.get(windowEndMs);
    if (sameEnd === undefined) this.byEnd.set(windowEndMs, [window]);
    else sameEnd.push(window);
    if (windowStartMs > this.latestMs) this.moveOnTo(windowStartMs);
    return window;
  }

  /** Time only moves on when a window opens that starts later than any before, so this is rare: some tens of ends to look at. */
  private moveOnTo(startMs: EpochMs): void {
    this.latestMs = startMs;
    for (const [endMs, windows] of this.byEnd) {
      if (endMs + this.graceMs > startMs) continue;
      this.byEnd.delete(endMs);
      this.passed.push(windows);
    }
  }

  private forgetSome(): void {
    for (let count = 0; count < FORGOTTEN_PER_CALL; count += 1) {
      const oldest = this.passed[0];
      if (oldest === undefined) return;
      const window = oldest.pop();
      if (window === undefined) this.passed.shift();
      else this.forget(window);
    }
  }

  private forget(window: CounterWindow): void {
    this.held -= 1;
    const first = this.windows.get(window.key);
    if (first === window) {
      if (window.next === null) this.windows.delete(window.key);
      else this.windows.set(window.key, window.next);
      return;
    }
    let before = first;
    while (before !== undefined && before.next !== window) before = before.next ?? undefined;
    if (before !== undefined) before.next = window.next;
  }
}

function refuseNegative(units: Decimal): void {
  if (units.coefficient < 0n) throw counterFault.invalid_ask('a counter was asked for a negative amount');
}
