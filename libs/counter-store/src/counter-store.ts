import type { Decimal, EpochMs } from '@sallyport/kernel';

/** How a counter counts: by windows that follow one another, over the time just past, or the calls in flight. */
export const COUNTER_ALGORITHMS = ['fixed', 'sliding', 'concurrent'] as const;
export type CounterAlgorithm = (typeof COUNTER_ALGORITHMS)[number];

/**
 * One amount of one counter.
 *
 * `[windowStartMs, windowEndMs)` is the time in which the amount counts, Unix milliseconds:
 * `fixed`: the window that holds the call; windows follow one another from the epoch, or are calendar months (UTC).
 * `sliding`: from the call on, for the length of the limit.
 * `concurrent`: from the call on; it counts until the call ends, whatever the end says.
 */
export interface CounterAsk {
  /** Made by `counterKey`: organisation first, up to the first `/`. */
  readonly key: string;
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: Decimal;
  /** What the counter may reach, this ask included. */
  readonly max: Decimal;
  /** `fixed` when left out. */
  readonly algorithm?: CounterAlgorithm;
  /** Set for windows that are months of the UTC calendar. */
  readonly calendar?: 'month';
  /** `hard` when left out. What happens when a shared store is away: hard denies, soft is held to this worker's share of `max`. */
  readonly class?: 'hard' | 'soft';
}

/**
 * All asks were taken, or none was and `refusedIndex` is the first ask that would have passed its `max`.
 *
 * `asks`: as they were charged, when the store's own time put any of them into another window than was asked: what to record,
 * and to give back. Absent: as asked. `retryAfterMs`: when some of the refused counter comes back; absent: at the end of the
 * ask's window, or for calls in flight, when one of them ends.
 */
export type Reservation =
  | { readonly taken: true; readonly asks?: readonly CounterAsk[] }
  | { readonly taken: false; readonly refusedIndex: number; readonly retryAfterMs?: number };

/** Units spent before a restart, put back. Calls in flight have no seeds: they end with their process. */
export interface CounterSeed {
  readonly key: string;
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: Decimal;
  /** `fixed` when left out. */
  readonly algorithm?: 'fixed' | 'sliding';
}

/**
 * Spent units, by counter and window. What every adapter promises: `reserve` is one atomic step over all its asks;
 * a counter that two asks of one call name is charged by each; a window nobody asks about any more is forgotten.
 */
export interface CounterStore {
  /**
   * Reserves every ask of one call, all of one organisation: all or nothing. Answers without a promise where nothing has to be waited for.
   *
   * @param reservationId Of this call alone, such as its decision's id. A store that can time out takes the units of one id once,
   *   so asking again with it, within seconds, is safe. Left out: each time is another call.
   * @throws {Fault} `counter.unavailable` when the store cannot answer, `counter.reset` when it lost its data. Hard limits deny on both;
   *   when the call asks for soft limits only, the answer is this worker's share instead. Units of a reserve that ended in a fault
   *   may have been taken and are then given back when the store says so, or lost with their window: never counted too low.
   */
  reserve(asks: readonly CounterAsk[], reservationId?: string): Reservation | Promise<Reservation>;
  /**
   * The call does not count: gives its units back to the windows they were taken from, and to no other. A window that has passed,
   * or was lost since, is left alone.
   *
   * @param asks The very list that was reserved, or the reservation's `asks`; once.
   */
  release(asks: readonly CounterAsk[]): void | Promise<void>;
  /**
   * The call ended and counts: it is no longer in flight, and all else that it took stays taken. `asks` as for `release`.
   *
   * @param notCounted Indexes of those asks that this ending does not count for after all: they are given back. Left out: none.
   */
  settle(asks: readonly CounterAsk[], notCounted?: readonly number[]): void | Promise<void>;
}
