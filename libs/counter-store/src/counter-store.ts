import type { Decimal, EpochMs } from '@sallyport/kernel';

/** One counter in one window. `key` names organisation, policy, counter and scope value; the window's start completes it. */
export interface CounterAsk {
  readonly key: string;
  /** Unix milliseconds; the window is [start, end). */
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: Decimal;
  /** What the counter may reach, this ask included. */
  readonly max: Decimal;
}

/** All asks were taken, or none was and `refusedIndex` is the first ask that would have passed its `max`. */
export type Reservation = { readonly taken: true } | { readonly taken: false; readonly refusedIndex: number };

/** Units spent before a restart, put back. */
export interface CounterSeed {
  readonly key: string;
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: Decimal;
}

/**
 * Spent units, by counter and window. What every adapter promises: `reserve` is one atomic step over all its asks;
 * a counter that two asks of one call name is charged by each; a window nobody asks about any more is forgotten.
 */
export interface CounterStore {
  /**
   * Reserves every ask: all or nothing. Answers without a promise where nothing has to be waited for.
   *
   * @throws {Fault} `counter.unavailable` when the store cannot answer, `counter.reset` when it lost its data. Hard limits deny on both.
   */
  reserve(asks: readonly CounterAsk[]): Reservation | Promise<Reservation>;
  /** Gives units back to the windows they were taken from, and to no other. A window that has passed is left alone. */
  release(asks: readonly CounterAsk[]): void | Promise<void>;
  /** Adds what was spent before a restart; called before the first `reserve`. */
  seed(spent: readonly CounterSeed[]): void | Promise<void>;
}
