import { ZERO, addDecimals, compareDecimals, type Decimal } from '@sallyport/kernel';

import type { FlowMark, LimitAsk, ToolCall } from '../verdict.js';
import type { CallEnding } from './policy-test.js';

/** Units of one counter that are held for a while; those of the same while are one. */
interface HeldUnits {
  readonly fromMs: number;
  readonly untilMs: number;
  units: Decimal;
}

/** The counters and marks that the earlier calls of one test leave, exact, in memory. */
export class TestState {
  private readonly held = new Map<string, HeldUnits[]>();
  private readonly marks = new Map<string, number>();
  private readonly calls = new Map<string, number>();

  /** A call with what state adds to it: the marks its identity bears at its time, and how many calls of its session came before. */
  seenBy(call: ToolCall): ToolCall {
    const borne = [...this.marks].filter(([key, untilMs]) => key.startsWith(`${call.identity.id}\n`) && call.atMs < untilMs);
    const marks = borne.map(([key]) => key.slice(call.identity.id.length + 1));
    return { ...call, marks, session: { ...call.session, calls: this.calls.get(call.session.id) ?? 0 } };
  }

  /** The first limit that has no room for what a call asks; undefined where all have. */
  exceeded(asks: readonly LimitAsk[], atMs: number): LimitAsk | undefined {
    return asks.find((ask) => compareDecimals(addDecimals(this.spent(ask, atMs), ask.units), ask.max) > 0);
  }

  /** Counts a call in its session, allowed or not. */
  count(call: ToolCall): void {
    this.calls.set(call.session.id, (this.calls.get(call.session.id) ?? 0) + 1);
  }

  /** Takes what an allowed call asked and leaves its marks, as its end has it. */
  take(call: ToolCall, left: { readonly asks: readonly LimitAsk[]; readonly marks: readonly FlowMark[] }, ended: CallEnding): void {
    for (const ask of left.asks) if (isKept(ask, ended)) this.hold(ask);
    if (ended !== 'answered' && ended !== 'failed') return;
    for (const { mark, seconds } of left.marks) {
      const key = `${call.identity.id}\n${mark}`;
      this.marks.set(key, Math.max(this.marks.get(key) ?? 0, call.atMs + seconds * 1_000));
    }
  }

  private spent(ask: LimitAsk, atMs: number): Decimal {
    const counted = this.heldOf(ask).filter(({ fromMs, untilMs }) => (ask.algorithm === 'fixed' ? fromMs === ask.windowStartMs : fromMs <= atMs && atMs < untilMs));
    return counted.reduce((sum, { units }) => addDecimals(sum, units), ZERO);
  }

  private hold(ask: LimitAsk): void {
    const held = this.heldOf(ask);
    const [fromMs, untilMs] = [ask.windowStartMs, ask.algorithm === 'concurrent' ? Infinity : ask.windowEndMs];
    const same = held.find((each) => each.fromMs === fromMs && each.untilMs === untilMs);
    if (same === undefined) held.push({ fromMs, untilMs, units: ask.units });
    else same.units = addDecimals(same.units, ask.units);
  }

  private heldOf(ask: LimitAsk): HeldUnits[] {
    const key = JSON.stringify([ask.counter, ask.scope, ask.scopeValue]);
    const held = this.held.get(key) ?? [];
    this.held.set(key, held);
    return held;
  }
}

/** Whether units stay taken after a call's end: those in flight only while it runs, others unless the call came to nothing. */
function isKept({ algorithm, count }: LimitAsk, ended: CallEnding): boolean {
  if (algorithm === 'concurrent') return ended === 'running';
  return ended === 'answered' || ended === 'running' || (ended === 'failed' && count === 'call');
}
