import { counterFault } from './counter-store-faults.js';
import type { CounterAsk, CounterSeed } from './counter-store.js';
import { SlidingLog } from './sliding-log.js';

/** Sliding counters by key and length. Time never goes back by less than the grace: a call that comes late counts as of now. */
export class SlidingLogs {
  private readonly logs = new Map<string, SlidingLog>();
  private sweeping: Iterator<[string, SlidingLog]> | undefined;
  private latestMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly maxLogs: number,
    private readonly graceMs: number,
  ) {}

  /** Counters that hold anything, or did until lately. */
  get held(): number {
    return this.logs.size;
  }

  /** The instant at which a call is counted that says it came at `atMs`. */
  instantOf(atMs: number): number {
    if (atMs > this.latestMs || this.latestMs - atMs > this.graceMs) this.latestMs = atMs;
    return this.latestMs;
  }

  /** Takes the ask unless the counter would pass its maximum. Whether it did. */
  take(ask: CounterAsk): boolean {
    return this.logFor(ask).takeWithin(ask.units, ask.max, { atMs: ask.windowStartMs, endMs: ask.windowEndMs });
  }

  /** How long until the counter has less than now; undefined when it holds nothing. */
  retryAfterMs(ask: CounterAsk): number | undefined {
    const nextEndMs = this.logs.get(nameOf(ask))?.nextEndMs;
    return nextEndMs === undefined ? undefined : nextEndMs - ask.windowStartMs;
  }

  /** Gives an ask's units back. */
  giveBack(ask: CounterAsk): void {
    this.logs.get(nameOf(ask))?.giveBack(ask.units, ask.windowEndMs);
  }

  /** Counts units whatever the sum. */
  add(seed: CounterSeed): void {
    this.logFor(seed).add(seed.units, seed.windowEndMs);
  }

  /** Looks at so many counters and drops those in which nothing counts any more. */
  forgetSome(count: number): void {
    for (let index = 0; index < count && this.logs.size > 0; index += 1) {
      const next = (this.sweeping ??= this.logs.entries()).next();
      if (next.done === true) {
        this.sweeping = undefined;
        return;
      }
      const [name, log] = next.value;
      log.drop(this.latestMs - this.graceMs);
      if (log.size === 0) this.logs.delete(name);
    }
  }

  private logFor(place: CounterAsk | CounterSeed): SlidingLog {
    const name = nameOf(place);
    const known = this.logs.get(name);
    if (known !== undefined) return known;
    if (this.logs.size >= this.maxLogs) throw counterFault.unavailable(`all ${this.maxLogs} sliding counters are in use`);
    const log = new SlidingLog(place.windowEndMs - place.windowStartMs);
    this.logs.set(name, log);
    return log;
  }
}

function nameOf({ key, windowStartMs, windowEndMs }: CounterAsk | CounterSeed): string {
  return `${windowEndMs - windowStartMs} ${key}`;
}
