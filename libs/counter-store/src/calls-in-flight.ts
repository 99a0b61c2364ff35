import { counterFault } from './counter-store-faults.js';
import type { CounterAsk } from './counter-store.js';
import { SpentUnits } from './spent-units.js';

/** Calls of this process that have not ended, by counter. */
export class CallsInFlight {
  private readonly counters = new Map<string, SpentUnits>();

  constructor(private readonly maxCounters: number) {}

  /** Counters with calls in flight. */
  get held(): number {
    return this.counters.size;
  }

  /** Takes the ask unless its counter would pass its maximum. Whether it did. */
  take(ask: CounterAsk): boolean {
    const known = this.counters.get(ask.key);
    if (known !== undefined) return known.addWithin(ask.units, ask.max);
    if (this.counters.size >= this.maxCounters) throw counterFault.unavailable(`all ${this.maxCounters} counters of calls in flight are in use`);
    const first = new SpentUnits();
    const isTaken = first.addWithin(ask.units, ask.max);
    if (isTaken) this.counters.set(ask.key, first);
    return isTaken;
  }

  /** The call of an ask has ended. */
  giveBack(ask: CounterAsk): void {
    const counter = this.counters.get(ask.key);
    counter?.subtract(ask.units);
    if (counter?.isNothing === true) this.counters.delete(ask.key);
  }
}
