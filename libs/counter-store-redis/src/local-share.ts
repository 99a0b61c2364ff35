import { MemoryCounterStore, type CounterAsk, type Reservation } from '@sallyport/counter-store';
import { formatDecimal, parseDecimal, ZERO, type Decimal } from '@sallyport/kernel';

const MORE_DIGITS = 9;

/** What this worker may let through of soft limits while the shared store is away: each maximum divided by the live workers. */
export class LocalShare {
  private readonly counters = new MemoryCounterStore();
  private readonly shares = new WeakMap<readonly CounterAsk[], readonly CounterAsk[]>();

  constructor(private readonly liveWorkers: () => number) {}

  /** Reserves this worker's share, all or none; answers at once. */
  reserve(asks: readonly CounterAsk[]): Reservation {
    const workers = BigInt(Math.max(1, Math.floor(this.liveWorkers())));
    const shared = asks.map((ask) => ({ ...ask, max: shareOf(ask.max, workers) }));
    const answer = this.counters.reserve(shared);
    if (!answer.taken) return answer;
    const charged = answer.asks ?? shared;
    this.shares.set(asks, charged);
    this.shares.set(charged, charged);
    return answer;
  }

  /** Gives back what was taken here for these asks. Whether anything was. */
  release(asks: readonly CounterAsk[]): boolean {
    return this.end(asks, (charged) => this.counters.release(charged));
  }

  /** Ends the calls in flight among these asks, and gives back those of `notCounted`, by index. Whether anything was taken here for them. */
  settle(asks: readonly CounterAsk[], notCounted: readonly number[]): boolean {
    return this.end(asks, (charged) => this.counters.settle(charged, notCounted));
  }

  private end(asks: readonly CounterAsk[], settleWith: (charged: readonly CounterAsk[]) => void): boolean {
    const charged = this.shares.get(asks);
    if (charged === undefined) return false;
    this.shares.delete(asks);
    settleWith(charged);
    return true;
  }
}

/** `max` / `workers`, rounded down after nine further decimal places. */
function shareOf(max: Decimal, workers: bigint): Decimal {
  const coefficient = (max.coefficient * 10n ** BigInt(MORE_DIGITS)) / workers;
  return parseDecimal(formatDecimal({ coefficient, scale: max.scale + MORE_DIGITS })) ?? ZERO;
}
