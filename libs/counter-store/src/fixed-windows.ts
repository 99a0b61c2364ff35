import type { EpochMs } from '@sallyport/kernel';

import { counterFault } from './counter-store-faults.js';
import type { CounterAsk, CounterSeed } from './counter-store.js';
import { SpentUnits } from './spent-units.js';

interface CounterWindow {
  readonly key: string;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly spent: SpentUnits;
  /** Another window of the same key. */
  next: CounterWindow | null;
}

type Place = Pick<CounterSeed, 'key' | 'windowStartMs' | 'windowEndMs'>;

/**
 * Counts of windows that follow one another. Time is what the asks say: the latest window start seen is "now". Windows that
 * ended before it (and the grace) are forgotten a few at a time, so nothing runs by a timer and no call pays for all of them.
 */
export class FixedWindows {
  private readonly windows = new Map<string, CounterWindow>();
  private readonly byEnd = new Map<EpochMs, CounterWindow[]>();
  private readonly passed: CounterWindow[][] = [];
  private latestMs = Number.NEGATIVE_INFINITY;
  /** Windows in memory. */
  held = 0;

  constructor(
    private readonly maxWindows: number,
    private readonly graceMs: number,
  ) {}

  /** Takes the ask unless it would pass its maximum. Whether it did. */
  take(ask: CounterAsk): boolean {
    return this.windowFor(ask).spent.addWithin(ask.units, ask.max);
  }

  /** Gives an ask's units back to its own window, where that is still known. */
  giveBack(ask: CounterAsk): void {
    this.find(ask.key, ask.windowStartMs)?.spent.subtract(ask.units);
  }

  /** Counts units whatever the sum. */
  add(seed: CounterSeed): void {
    this.windowFor(seed).spent.add(seed.units);
  }

  /** Drops at most so many windows that have passed. */
  forgetSome(most: number): void {
    for (let count = 0; count < most; count += 1) {
      const oldest = this.passed[0];
      if (oldest === undefined) return;
      const window = oldest.pop();
      if (window === undefined) this.passed.shift();
      else this.forget(window);
    }
  }

  private find(key: string, startMs: EpochMs): CounterWindow | null {
    let window = this.windows.get(key) ?? null;
    while (window !== null && window.startMs !== startMs) window = window.next;
    return window;
  }

  private windowFor(place: Place): CounterWindow {
    return this.find(place.key, place.windowStartMs) ?? this.openWindow(place);
  }

  private openWindow({ key, windowStartMs, windowEndMs }: Place): CounterWindow {
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
