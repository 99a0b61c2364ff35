import { ZERO, addDecimals, compareDecimals, subtractDecimals, type Decimal } from '@sallyport/kernel';

import type { LimitAsk } from '../verdict.js';
import { OrderedQueue } from './ordered-queue.js';
import type { RecordedEnd } from './recorded-call.js';

/** A reservation to be replayed. `units` are undefined where the amount was not kept, `scopeValue` where it is not known whose counter it is. */
export interface ReplayedAsk {
  readonly ask: LimitAsk;
  readonly isAmountOpen: boolean;
  readonly isScopeOpen: boolean;
}

/** Whether reservations fit, all of them; `exceeds` with the first that surely does not. */
export type CounterAnswer = { readonly kind: 'fits' } | { readonly kind: 'exceeds'; readonly ask: LimitAsk } | { readonly kind: 'perhaps'; readonly asks: readonly LimitAsk[] };

/** How sure it is that a call went ahead, and how it ended. */
export interface ReplayedCall {
  readonly atMs: number;
  readonly isSure: boolean;
  readonly end: RecordedEnd | undefined;
}

/** How much of a counter is used: at least `low`, at most `high`; `null` where no bound is known. */
interface Usage {
  readonly windowStartMs: number;
  low: Decimal;
  high: Decimal;
  unbounded: number;
}

interface Release {
  readonly usage: Usage;
  readonly low: Decimal;
  readonly high: Decimal | null;
}

/** A call that never ended on record is taken to be over by then: milliseconds. */
export const LONGEST_CALL_MS = 600_000;
const FITS: CounterAnswer = Object.freeze({ kind: 'fits' });

/**
 * The counters of one policy over calls in the order of time. What is not known, because amounts were not kept, calls may
 * or may not have gone ahead, or windows began before the first call, widens the range a counter may stand at; no range is
 * ever narrower than the truth.
 */
export class ReplayedCounters {
  private readonly usages = new Map<string, Usage>();
  private readonly releases = new OrderedQueue<Release>();
  /** Counters of which some use cannot be told whose it is, until then. */
  private readonly disturbed = new Map<string, number>();

  /** @param knownFromMs Since when every call that counts is replayed; what windows that began earlier hold is not known. */
  constructor(private knownFromMs: number) {}

  /** From now on, what was counted before a time is not known. */
  forgetBefore(ms: number): void {
    this.knownFromMs = Math.max(this.knownFromMs, ms);
  }

  /** Whether a call's reservations would fit at its time. Calls are to be asked for in the order of time. */
  ask(asks: readonly ReplayedAsk[], atMs: number): CounterAnswer {
    this.releaseUntil(atMs);
    const unsure: LimitAsk[] = [];
    for (const each of asks) {
      const answer = this.askOne(each, atMs);
      if (answer === 'exceeds') return { kind: 'exceeds', ask: each.ask };
      if (answer === 'perhaps') unsure.push(each.ask);
    }
    return unsure.length === 0 ? FITS : { kind: 'perhaps', asks: unsure };
  }

  /** Takes the reservations of a call that went ahead, or may have. */
  take(asks: readonly ReplayedAsk[], call: ReplayedCall): void {
    for (const each of asks) this.takeOne(each, call);
  }

  private askOne({ ask, isAmountOpen, isScopeOpen }: ReplayedAsk, atMs: number): 'fits' | 'exceeds' | 'perhaps' {
    if (isScopeOpen) return 'perhaps';
    const usage = this.usageOf(ask);
    const units = isAmountOpen ? ZERO : ask.units;
    if (compareDecimals(addDecimals(usage.low, units), ask.max) > 0) return 'exceeds';
    const isBounded = !isAmountOpen && usage.unbounded === 0 && this.isKnown(ask, atMs) && (this.disturbed.get(ask.counter) ?? -Infinity) <= atMs;
    return isBounded && compareDecimals(addDecimals(usage.high, units), ask.max) <= 0 ? 'fits' : 'perhaps';
  }

  /** Whether nothing counted before the first call can still count. */
  private isKnown({ algorithm, windowStartMs, windowEndMs }: LimitAsk, atMs: number): boolean {
    switch (algorithm) {
      case 'fixed':
        return windowStartMs >= this.knownFromMs;
      case 'sliding':
        return atMs - (windowEndMs - windowStartMs) >= this.knownFromMs;
      case 'concurrent':
        return atMs - LONGEST_CALL_MS >= this.knownFromMs;
    }
  }

  private takeOne({ ask, isAmountOpen, isScopeOpen }: ReplayedAsk, call: ReplayedCall): void {
    const heldUntilMs = this.heldUntil(ask, call);
    if (isScopeOpen) {
      this.disturbed.set(ask.counter, Math.max(this.disturbed.get(ask.counter) ?? 0, heldUntilMs.latest));
      return;
    }
    const usage = this.usageOf(ask);
    const units = isAmountOpen ? null : ask.units;
    const surely = call.isSure && units !== null ? units : ZERO;
    this.hold(usage, surely, ZERO, heldUntilMs.earliest);
    this.hold(usage, ZERO, units, heldUntilMs.latest);
  }

  /** Adds to the range until a time; what is still held when a fixed window ends goes with it. */
  private hold(usage: Usage, low: Decimal, high: Decimal | null, untilMs: number): void {
    usage.low = addDecimals(usage.low, low);
    if (high === null) usage.unbounded += 1;
    else usage.high = addDecimals(usage.high, high);
    if (untilMs !== Infinity) this.releases.add(untilMs, { usage, low, high });
  }

  private releaseUntil(atMs: number): void {
    for (let due = this.releases.takeDue(atMs); due !== undefined; due = this.releases.takeDue(atMs)) {
      const { usage, low, high } = due;
      usage.low = subtractDecimals(usage.low, low);
      if (high === null) usage.unbounded -= 1;
      else usage.high = subtractDecimals(usage.high, high);
    }
  }

  /** From when on the units no longer count, at the earliest and at the latest. */
  private heldUntil({ algorithm, windowStartMs, windowEndMs, count }: LimitAsk, { atMs, end }: ReplayedCall): { readonly earliest: number; readonly latest: number } {
    const endedMs = end?.atMs ?? atMs;
    if (algorithm === 'concurrent') return { earliest: endedMs, latest: end?.atMs ?? atMs + LONGEST_CALL_MS };
    const whole = algorithm === 'fixed' ? Infinity : windowEndMs - windowStartMs + atMs;
    const isGivenBack = end?.how === 'refused' || (end?.how === 'failed' && count === 'success');
    if (isGivenBack) return { earliest: Math.min(whole, endedMs), latest: Math.min(whole, endedMs) };
    return { earliest: end === undefined || end.how === 'lost' ? Math.min(whole, endedMs) : whole, latest: whole };
  }

  private usageOf(ask: LimitAsk): Usage {
    const key = `${ask.counter}\n${ask.scope}\n${ask.scopeValue}`;
    const windowStartMs = ask.algorithm === 'fixed' ? ask.windowStartMs : 0;
    const known = this.usages.get(key);
    if (known !== undefined && known.windowStartMs === windowStartMs) return known;
    const fresh: Usage = { windowStartMs, low: ZERO, high: ZERO, unbounded: 0 };
    this.usages.set(key, fresh);
    return fresh;
  }
}

