import type { Charge } from '@sallyport/audit';
import type { CounterAsk, CounterStore, Reservation } from '@sallyport/counter-store';
import { formatDecimal, isFault, type DecisionId, type EpochMs } from '@sallyport/kernel';
import { limitRefusal, type LimitAsk } from '@sallyport/policy-engine';

import type { CounterKeys } from '../snapshot/counter-keys.js';
import { NO_APPROVALS, ownDenial, type Denial } from './decision.js';

/** Units taken for one call; given back by `release` when the call turns out not to count. */
export interface TakenUnits {
  /** As they were charged: the reservation's handle. */
  readonly asks: readonly CounterAsk[];
  /** What is recorded of them. Calls in flight are not: they end with their process. */
  readonly charges: readonly Charge[];
  /** Indexes of those asks that a call without success does not count for; with calls in flight among them, which end in any case. Empty where each call counts. */
  readonly ofSuccess: readonly number[];
}

const NONE: readonly number[] = [];

/** What a call without limits takes. */
export const NOTHING_TAKEN: TakenUnits = { asks: [], charges: [], ofSuccess: NONE };

/** A call that asks for limits. */
export interface LimitedCall {
  readonly asks: readonly LimitAsk[];
  readonly at: EpochMs;
  readonly decisionId: DecisionId;
}

/** Takes the units of every limit of a call: all or nothing. Answers at once where the store does. */
export function reserveLimits(counters: CounterStore, keys: CounterKeys, call: LimitedCall): TakenUnits | Denial | Promise<TakenUnits | Denial> {
  if (call.asks.length === 0) return NOTHING_TAKEN;
  const asks = call.asks.map((ask) => counterAsk(keys, ask));
  try {
    const reservation = counters.reserve(asks, call.decisionId);
    if (reservation instanceof Promise) return reservation.then((answer) => outcomeOf(answer, asks, call), storeDenial);
    return outcomeOf(reservation, asks, call);
  } catch (caught) {
    return storeDenial(caught);
  }
}

function counterAsk(keys: CounterKeys, ask: LimitAsk): CounterAsk {
  const { windowStartMs, windowEndMs, units, max, algorithm } = ask;
  const counted = { key: keys.keyOf(ask), windowStartMs, windowEndMs, units, max, algorithm, class: ask.class };
  return ask.calendar === null ? counted : { ...counted, calendar: ask.calendar };
}

function outcomeOf(reservation: Reservation, asked: readonly CounterAsk[], call: LimitedCall): TakenUnits | Denial {
  if (!reservation.taken) return refusalOf(reservation, call);
  const asks = reservation.asks ?? asked;
  return { asks, charges: chargesOf(asks), ofSuccess: ofSuccess(call.asks) };
}

function refusalOf({ refusedIndex, retryAfterMs: known }: Extract<Reservation, { readonly taken: false }>, call: LimitedCall): Denial {
  const refused = call.asks[refusedIndex];
  if (refused === undefined) return ownDenial('limit_store_unavailable');
  const { ruleId, approval } = refused;
  const { message, retryAfterMs } = limitRefusal(refused, call.at, known);
  if (approval !== null) return { effect: 'deny', outcome: 'approval_required', reasonCode: 'approval_required', ruleId, message, shown: 'rule', retryAfterMs, approvals: [approval], tripped: refused };
  return { effect: 'deny', outcome: 'limited', reasonCode: 'limit_exceeded', ruleId, message, shown: 'rule', retryAfterMs, approvals: NO_APPROVALS, tripped: refused };
}

function ofSuccess(asks: readonly LimitAsk[]): readonly number[] {
  return asks.some(({ count }) => count === 'success') ? asks.flatMap(({ count, algorithm }, index) => (count === 'success' || algorithm === 'concurrent' ? [index] : [])) : NONE;
}

function chargesOf(asks: readonly CounterAsk[]): readonly Charge[] {
  const charges: Charge[] = [];
  for (const ask of asks) if (ask.algorithm !== 'concurrent') charges.push(chargeOf(ask));
  return charges;
}

function chargeOf(ask: CounterAsk): Charge {
  return { key: ask.key, windowStartMs: ask.windowStartMs, windowEndMs: ask.windowEndMs, units: formatDecimal(ask.units) };
}

/**
 * What a store's failure means for a call that needs it.
 *
 * @throws what it is told, when that is no failure of a store.
 */
export function storeDenial(caught: unknown): Denial {
  if (isFault(caught, 'counter.unavailable')) return { ...ownDenial('limit_store_unavailable'), retryAfterMs: RETRY_AFTER_MS };
  if (isFault(caught, 'counter.reset')) return { ...ownDenial('limit_store_reset'), retryAfterMs: RETRY_AFTER_MS };
  throw caught;
}

const RETRY_AFTER_MS = 1_000;
