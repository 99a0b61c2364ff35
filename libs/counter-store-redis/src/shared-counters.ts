import { askAt, counterFault, organisationOfKey, type CounterAsk } from '@sallyport/counter-store';
import { formatDecimal } from '@sallyport/kernel';

import { kindOf, type CounterKeys } from './counter-keys.js';
import type { RedisConnection } from './redis-connection.js';
import { RELEASE } from './scripts/release.lua.js';
import { RESERVE } from './scripts/reserve.lua.js';

/** One reservation on its way. */
export interface SharedCall {
  readonly reservationId: string;
  readonly organisationId: string;
  readonly asks: readonly CounterAsk[];
}

/** What Redis said to a reservation. */
export type SharedAnswer =
  | { readonly kind: 'taken'; readonly epochId: string; readonly asks: readonly CounterAsk[] }
  | { readonly kind: 'refused'; readonly index: number; readonly retryAfterMs: number }
  | { readonly kind: 'reset' };

/** Durations of the scripts, milliseconds. */
export interface SharedCounterTimes {
  readonly leaseMs: number;
  readonly graceMs: number;
  /** How long a reservation's id is known. */
  readonly reservationMs: number;
  /** The store's time for the scripts; empty: Redis' own. */
  nowArgument(): string;
}

/** Entries that a sliding log keeps to the millisecond; as the memory store does. */
const EXACT_ENTRIES = '4096';

type Reply =
  | { readonly kind: 'reset' }
  | { readonly kind: 'moved'; readonly nowMs: number }
  | { readonly kind: 'refused'; readonly index: number; readonly retryAfterMs: number }
  | { readonly kind: 'taken'; readonly epochId: string; readonly nowMs: number };

/** The scripts of a worker, with their keys and arguments. */
export class SharedCounters {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: CounterKeys,
    private readonly times: SharedCounterTimes,
  ) {}

  /** Reserves all asks or none, in the windows that Redis is in. */
  async reserve(call: SharedCall): Promise<SharedAnswer> {
    let reply = await this.ask(call);
    if (reply.kind === 'moved') reply = await this.ask(inWindowsAt(call, reply.nowMs));
    switch (reply.kind) {
      case 'taken':
        return { kind: 'taken', epochId: reply.epochId, asks: inWindowsAt(call, reply.nowMs).asks };
      case 'moved':
        throw counterFault.unavailable('the time of Redis moved on twice while one call was reserved');
      default:
        return reply;
    }
  }

  /**
   * Gives back what a reservation took, all of it or only some of its asks.
   *
   * @param epochId Of the reservation; empty: only if Redis still knows the reservation.
   */
  async giveBack(call: SharedCall, epochId: string): Promise<void> {
    const named = [this.keys.epoch(call.organisationId), this.keys.reservation(call.organisationId, call.reservationId)];
    const args = [call.reservationId, epochId, EXACT_ENTRIES];
    for (const ask of call.asks) {
      named.push(...this.keys.of(ask));
      args.push(kindOf(ask), formatDecimal(ask.units), String(ask.windowStartMs), String(ask.windowEndMs));
    }
    await this.redis.run(RELEASE, named, args);
  }

  private async ask({ reservationId, organisationId, asks }: SharedCall): Promise<Reply> {
    const { nowArgument, reservationMs, graceMs, leaseMs } = this.times;
    const named = [this.keys.epoch(organisationId), this.keys.reservation(organisationId, reservationId)];
    const args = [nowArgument(), reservationId, String(reservationMs), String(graceMs), String(leaseMs), EXACT_ENTRIES];
    for (const ask of asks) {
      named.push(...this.keys.of(ask));
      args.push(kindOf(ask), formatDecimal(ask.units), formatDecimal(ask.max), String(ask.windowStartMs), String(ask.windowEndMs));
    }
    return parseReply(await this.redis.run(RESERVE, named, args));
  }
}

/** Makes a call of asks that must all be of one organisation and not negative. */
export function sharedCall(asks: readonly CounterAsk[], reservationId: string): SharedCall {
  const organisationId = organisationOfKey(asks[0]?.key ?? '');
  for (const { key, units } of asks) {
    if (units.coefficient < 0n) throw counterFault.invalid_ask('a counter was asked for a negative amount');
    if (organisationOfKey(key) !== organisationId) throw counterFault.invalid_ask('one call asked for counters of two organisations');
  }
  return { reservationId, organisationId, asks };
}

function inWindowsAt(call: SharedCall, nowMs: number): SharedCall {
  const asks = call.asks.map((ask) => askAt(ask, nowMs));
  return asks.every((ask, index) => ask === call.asks[index]) ? call : { ...call, asks };
}

function parseReply(reply: unknown): Reply {
  const [kind, first, second] = Array.isArray(reply) ? reply.map(String) : [];
  switch (kind) {
    case 'reset':
      return { kind };
    case 'moved':
      return { kind, nowMs: Number(first) };
    case 'refused':
      return { kind, index: Number(first), retryAfterMs: Number(second) };
    case 'taken':
      return { kind, epochId: String(first), nowMs: Number(second) };
    default:
      throw counterFault.unavailable('Redis answered a reservation with something else');
  }
}
