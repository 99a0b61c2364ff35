import { MemoryCounterStore, counterKey, type CounterAsk } from '@sallyport/counter-store';
import { branded, formatDecimal, type EpochMs } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { CompiledPolicy } from './compiled-policy.js';
import { decide } from './decide.js';
import { aPolicy } from './testing/a-policy.js';
import { aToolCall } from './testing/a-tool-call.js';
import type { LimitAsk, ToolCall } from './verdict.js';

/** A limit as a document writes it; amounts are in tenths. */
interface SmallLimit {
  readonly window: string | number;
  readonly algorithm: 'fixed' | 'sliding';
  readonly scope: string;
  readonly tenths: number;
  readonly counts: 'calls' | 'amount';
  readonly count: 'call' | 'success';
}

/** Who calls, and for how much. */
interface Caller {
  readonly grant: string;
  readonly identity: string;
  readonly session: string;
  readonly server: string;
  readonly note: string;
  readonly tenths: number;
}

type Ending = 'answered' | 'failed' | 'refused';
type Step = { readonly do: 'call'; readonly caller: Caller } | { readonly do: 'end'; readonly which: number; readonly how: Ending } | { readonly do: 'wait'; readonly ms: number };

/** One limit of one call that was admitted. */
interface Charge {
  readonly limit: SmallLimit;
  readonly scope: string;
  readonly tenths: number;
  readonly atMs: number;
  inFlight: boolean;
  counts: boolean;
}

interface Admitted {
  readonly charges: readonly Charge[];
  readonly asks: readonly LimitAsk[];
  readonly taken: readonly CounterAsk[];
}

const START = Date.UTC(2025, 9, 31, 23, 58, 30);
const KINDS = [['minute', 'fixed'], ['hour', 'fixed'], ['day', 'fixed'], ['month', 'fixed'], [45, 'fixed'], ['minute', 'sliding'], [10, 'sliding'], ['concurrent', 'fixed']] as const;
const limits: fc.Arbitrary<SmallLimit> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    scope: fc.constantFrom('grant', 'identity', 'session', 'server', 'organisation', 'argument:args.note'),
    tenths: fc.constantFrom(0, 10, 20, 25, 31),
    counts: fc.constantFrom('calls' as const, 'amount' as const),
    count: fc.constantFrom('call' as const, 'success' as const),
  })
  .map(({ kind: [window, algorithm], ...rest }) => (window === 'concurrent' ? { ...rest, window, algorithm, counts: 'calls', count: 'call' } : { ...rest, window, algorithm }));
const either = fc.constantFrom('1', '2');
const callers: fc.Arbitrary<Caller> = fc.record({ grant: either, identity: either, session: either, server: either, note: either, tenths: fc.constantFrom(0, 1, 5, 10, 25) });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: callers.map((caller) => ({ do: 'call' as const, caller })) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), how: fc.constantFrom<Ending[]>('answered', 'failed', 'refused') }) },
  { weight: 2, arbitrary: fc.constantFrom(1, 999, 5_000, 9_999, 30_000, 45_000, 60_000, 3_600_000).map((ms) => ({ do: 'wait' as const, ms })) },
);

describe('limits of every window, algorithm and scope, whatever the calls and however they end', { timeout: 120_000 }, () => {
  it('never admit more than max, refuse only what would be more, and a rollback leaves no more than max [limits/exact]', () => {
    fc.assert(
      fc.property(fc.array(limits, { minLength: 1, maxLength: 3 }), fc.array(steps, { maxLength: 50, size: 'max' }), (written, history) => {
        new History(written).run(history);
      }),
      { numRuns: 500 },
    );
  });
});

/** A gateway's way with limits, beside a plain list of all that was charged. */
class History {
  private readonly policy: CompiledPolicy;
  private readonly store = new MemoryCounterStore();
  private readonly charges: Charge[] = [];
  private readonly open: Admitted[] = [];
  private nowMs = START;

  constructor(private readonly written: readonly SmallLimit[]) {
    this.policy = aPolicy({ tools: { t: { limits: written.map(asWritten) } } });
  }

  run(history: readonly Step[]): void {
    for (const step of history) {
      if (step.do === 'wait') this.nowMs += step.ms;
      else if (step.do === 'call') this.call(step.caller);
      else this.end(step.which, step.how);
      for (const charge of this.charges) expect(this.used(charge.limit, charge.scope)).toBeLessThanOrEqual(charge.limit.tenths);
    }
  }

  private call(caller: Caller): void {
    const verdict = decide(this.policy, callOf(caller, this.nowMs));
    if (verdict.effect === 'deny') throw new Error('these calls pass every rule');
    const wanted = this.written.map((limit): Charge => ({ limit, scope: scopeOf(limit, caller), tenths: limit.counts === 'amount' ? caller.tenths : 10, atMs: this.nowMs, inFlight: true, counts: true }));
    const fits = wanted.every(({ limit, scope, tenths }) => this.used(limit, scope) + tenths <= limit.tenths);
    const asked = verdict.asks.map(inStore);
    const answer = this.store.reserve(asked);
    expect({ caller, taken: answer.taken }).toEqual({ caller, taken: fits });
    if (!answer.taken) return;
    this.charges.push(...wanted);
    this.open.push({ charges: wanted, asks: verdict.asks, taken: answer.asks ?? asked });
  }

  private end(which: number, how: Ending): void {
    const [call] = this.open.splice(this.open.length === 0 ? 0 : which % this.open.length, 1);
    if (call === undefined) return;
    for (const charge of call.charges) {
      charge.inFlight = false;
      if (how === 'refused' || (how === 'failed' && charge.limit.count === 'success')) charge.counts = false;
    }
    if (how === 'refused') this.store.release(call.taken);
    else this.store.settle(call.taken, how === 'answered' ? [] : call.asks.flatMap(({ count }, index) => (count === 'success' ? [index] : [])));
  }

  /** What counts now of a limit for one scope. */
  private used(limit: SmallLimit, scope: string): number {
    const now = windowOf(limit, this.nowMs);
    const counted = this.charges.filter((charge) => charge.limit === limit && charge.scope === scope && charge.counts && (limit.window === 'concurrent' ? charge.inFlight : this.isStill(charge, now)));
    return counted.reduce((sum, { tenths }) => sum + tenths, 0);
  }

  private isStill({ limit, atMs }: Charge, now: string): boolean {
    return limit.algorithm === 'sliding' ? this.nowMs - atMs < lengthMs(limit) : windowOf(limit, atMs) === now;
  }
}

const NAMED: Readonly<Record<string, number>> = { month: 'yyyy-mm'.length, day: 'yyyy-mm-dd'.length, hour: 'yyyy-mm-ddThh'.length, minute: 'yyyy-mm-ddThh:mm'.length };

/** The calendar's name for the window that holds an instant. */
function windowOf({ window }: SmallLimit, atMs: number): string {
  return typeof window === 'number' ? String(Math.floor(atMs / 1_000 / window)) : new Date(atMs).toISOString().slice(0, NAMED[window] ?? 0);
}

function lengthMs({ window }: SmallLimit): number {
  return typeof window === 'number' ? window * 1_000 : 60_000;
}

function asWritten({ tenths, counts, ...limit }: SmallLimit, index: number): object {
  return { ...limit, counter: `c${index}`, max: tenths / 10, ...(counts === 'amount' ? { increment_from: 'args.amount' } : {}) };
}

function scopeOf({ scope }: SmallLimit, { grant, identity, session, server, note }: Caller): string {
  return { grant, identity, session, server, organisation: '' }[scope] ?? note;
}

function callOf({ grant, identity, session, server, note, tenths }: Caller, atMs: number): ToolCall {
  return aToolCall({
    tool: 't',
    args: { amount: tenths / 10, note },
    atMs: branded<EpochMs>(atMs),
    grant: { id: grant, labels: {} },
    identity: { id: identity, kind: 'agent', name: 'n', labels: {} },
    session: { id: session },
    server: { slug: server },
  });
}

function inStore(ask: LimitAsk): CounterAsk {
  const { windowStartMs, windowEndMs, units, max, algorithm, calendar } = ask;
  expect(Number(formatDecimal(units))).toBeGreaterThanOrEqual(0);
  return { key: counterKey('o/p/', ask), windowStartMs, windowEndMs, units, max, algorithm, ...(calendar === null ? {} : { calendar }) };
}
