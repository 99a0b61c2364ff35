import type { Charge } from '@sallyport/audit';
import type { CounterAsk, CounterStore, Reservation } from '@sallyport/counter-store';
import { formatDecimal, isFault, type EpochMs } from '@sallyport/kernel';
import { limitRefusal, type LimitAsk } from '@sallyport/policy-engine';

import type { CounterKeys } from '../snapshot/counter-keys.js';
import { ownDenial, type Denial } from './decision.js';

/** Units taken for one call; given back by `release` when the call turns out not to count. */
export interface TakenUnits {
  readonly asks: readonly CounterAsk[];
  readonly charges: readonly Charge[];
}

/** What a call without limits takes. */
export const NOTHING_TAKEN: TakenUnits = { asks: [], charges: [] };

/** Takes the units of every limit of a call: all or nothing. Answers at once where the store does. */
export function reserveLimits(
  counters: CounterStore,
  keys: CounterKeys,
  call: { readonly asks: readonly LimitAsk[]; readonly at: EpochMs },
): TakenUnits | Denial | Promise<TakenUnits | Denial> {
  if (call.asks.length === 0) return NOTHING_TAKEN;
  const asks = call.asks.map((ask) => counterAsk(keys, ask));
  try {
    const reservation = counters.reserve(asks);
    if (reservation instanceof Promise) return reservation.then((answer) => outcomeOf(answer, asks, call), storeDenial);
    return outcomeOf(reservation, asks, call);
  } catch (caught) {
    return storeDenial(caught);
  }
}

function counterAsk(keys: CounterKeys, ask: LimitAsk): CounterAsk {
  return {
    key: keys.keyOf(ask),
    windowStartMs: ask.windowStartMs,
    windowEndMs: ask.windowEndMs,
    units: ask.units,
    max: ask.max,
  };
}

function outcomeOf(reservation: Reservation, asks: readonly CounterAsk[], call: { readonly asks: readonly LimitAsk[]; readonly at: EpochMs }): TakenUnits | Denial {
  if (reservation.taken) return { asks, charges: asks.map(chargeOf) };
  const refused = call.asks[reservation.refusedIndex];
  if (refused === undefined) return ownDenial('limit_store_unavailable');
  const { message, retryAfterMs } = limitRefusal(refused, call.at);
  return { effect: 'deny', outcome: 'limited', reasonCode: 'limit_exceeded', ruleId: refused.ruleId, message, shown: 'rule', retryAfterMs };
}

function chargeOf(ask: CounterAsk): Charge {
  return { key: ask.key, windowStartMs: ask.windowStartMs, windowEndMs: ask.windowEndMs, units: formatDecimal(ask.units) };
}

function storeDenial(caught: unknown): Denial {
  if (isFault(caught, 'counter.unavailable')) return { ...ownDenial('limit_store_unavailable'), retryAfterMs: RETRY_AFTER_MS };
  if (isFault(caught, 'counter.reset')) return { ...ownDenial('limit_store_reset'), retryAfterMs: RETRY_AFTER_MS };
  throw caught;
}

const RETRY_AFTER_MS = 1_000;
