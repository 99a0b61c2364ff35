import { branded, parseDecimal, type Decimal, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { aToolCall } from '../testing/a-tool-call.js';
import type { LimitAsk } from '../verdict.js';
import { CALL_ENDINGS, type CallEnding } from './policy-test.js';
import { TestState } from './test-state.js';

const ms = (at: number) => branded<EpochMs>(at);
const units = (text: string): Decimal => parseDecimal(text) ?? { coefficient: 0n, scale: 0 };
const ask = (about: Partial<LimitAsk> = {}): LimitAsk => ({
  ruleId: '/r', counter: 'c', scope: 'grant', scopeValue: 'g', windowStartMs: ms(1_000), windowEndMs: ms(2_000), units: units('1'), max: units('2'), message: 'Reached.', algorithm: 'fixed', calendar: null, count: 'call', class: 'hard', approval: null, ...about,
});
const sliding = (fromMs: number, about: Partial<LimitAsk> = {}) => ask({ algorithm: 'sliding', windowStartMs: ms(fromMs), windowEndMs: ms(fromMs + 1_000), ...about });
const running = (fromMs: number) => ask({ algorithm: 'concurrent', windowStartMs: ms(fromMs), windowEndMs: ms(fromMs) });
const call = (about: Parameters<typeof aToolCall>[0] = {}) => aToolCall({ atMs: ms(1_500), ...about });

/** A state after calls that took these limits. */
function after(taken: readonly (LimitAsk | readonly [LimitAsk, CallEnding])[]): TestState {
  const state = new TestState();
  for (const each of taken) {
    const [one, ended] = 'ruleId' in each ? [each, 'answered' as const] : each;
    state.take(call(), { asks: [one], marks: [] }, ended);
  }
  return state;
}

describe('the counters of a test', () => {
  it.each<[string, readonly (LimitAsk | readonly [LimitAsk, CallEnding])[], LimitAsk, number, boolean]>([
    ['have room at first', [], ask(), 1_500, false],
    ['have room up to their bound', [ask()], ask(), 1_500, false],
    ['have none beyond', [ask(), ask()], ask(), 1_500, true],
    ['have none for more units than are left', [ask()], ask({ units: units('1.5') }), 1_500, true],
    ['are exact', [ask({ units: units('0.1') }), ask({ units: units('0.2') })], ask({ units: units('0.1'), max: units('0.4') }), 1_500, false],
    ['begin again with a fixed window', [ask(), ask()], ask({ windowStartMs: ms(2_000), windowEndMs: ms(3_000) }), 2_500, false],
    ['of a fixed window before are not those of this one', [ask({ windowStartMs: ms(0), windowEndMs: ms(2_000) }), ask()], ask(), 1_500, false],
    ['are each their own by name', [ask(), ask()], ask({ counter: 'd' }), 1_500, false],
    ['are each their own by scope', [ask(), ask()], ask({ scope: 'identity' }), 1_500, false],
    ['are each their own by whose they are', [ask(), ask()], ask({ scopeValue: 'h' }), 1_500, false],
    ['slide: both count', [sliding(1_000), sliding(1_400)], sliding(1_500), 1_500, true],
    ['slide: the first counts to its last millisecond', [sliding(1_000), sliding(1_400)], sliding(1_999), 1_999, true],
    ['slide: the first has gone', [sliding(1_000), sliding(1_400)], sliding(2_000), 2_000, false],
    ['slide: two of one time count both', [sliding(1_000), sliding(1_000)], sliding(1_500), 1_500, true],
    ['slide: two of one time go together', [sliding(1_000), sliding(1_000)], sliding(2_000), 2_000, false],
    ['slide: two that end together but began apart', [sliding(1_200), sliding(1_000, { windowEndMs: ms(2_200) })], sliding(2_100), 2_100, true],
    ['slide: of two that began together one has gone', [sliding(1_000), sliding(1_000, { windowEndMs: ms(2_200) })], sliding(2_100), 2_100, false],
    ['slide: what comes later is not counted yet', [sliding(1_600), sliding(1_600)], sliding(1_500), 1_500, false],
    ['slide: what comes now is', [sliding(1_500), sliding(1_500)], sliding(1_500), 1_500, true],
    ['hold calls in flight as long as they run', [[running(1_000), 'running'], [running(1_400), 'running']], running(999_000), 999_000, true],
    ['hold no calls that have ended', [[running(1_000), 'answered'], [running(1_400), 'failed'], [running(1_400), 'refused']], ask({ algorithm: 'concurrent', max: units('1') }), 1_500, false],
  ])('%s', (_what, taken, wanted, atMs, isExceeded) => {
    expect(after(taken).exceeded([wanted], atMs)).toBe(isExceeded ? wanted : undefined);
  });

  it.each(CALL_ENDINGS)('keep what a call asked that ended as %s', (ended) => {
    const isFull = (count: 'call' | 'success') => after([[ask({ count, units: units('2') }), ended]]).exceeded([ask()], 1_500) !== undefined;
    expect([isFull('call'), isFull('success')]).toEqual([ended !== 'refused', ended === 'answered' || ended === 'running']);
  });

  it('name the first of several that has no room', () => {
    const [first, second, third] = [ask({ counter: 'a' }), ask({ counter: 'b' }), ask({ counter: 'c' })];
    expect(after([second, second, third, third]).exceeded([first, second, third], 1_500)).toBe(second);
  });
});

describe('the marks of a test', () => {
  const marked = (ended: CallEnding, seconds = 10) => {
    const state = new TestState();
    state.take(call({ atMs: ms(1_000) }), { asks: [], marks: [{ mark: 'seen', seconds }] }, ended);
    return state;
  };

  it.each<[CallEnding, readonly string[]]>([['answered', ['seen']], ['failed', ['seen']], ['refused', []], ['running', []]])('are left by a call that ended as %s', (ended, marks) => {
    expect(marked(ended).seenBy(call()).marks).toEqual(marks);
  });

  it('are borne until their time is over', () => {
    expect([10_999, 11_000].map((at) => marked('answered').seenBy(call({ atMs: ms(at) })).marks)).toEqual([['seen'], []]);
  });

  it('are kept for the longest they were left for', () => {
    const state = marked('answered');
    state.take(call({ atMs: ms(2_000) }), { asks: [], marks: [{ mark: 'seen', seconds: 1 }] }, 'answered');
    expect(state.seenBy(call({ atMs: ms(10_999) })).marks).toEqual(['seen']);
    state.take(call({ atMs: ms(2_000) }), { asks: [], marks: [{ mark: 'seen', seconds: 20 }] }, 'answered');
    expect(state.seenBy(call({ atMs: ms(21_999) })).marks).toEqual(['seen']);
  });

  it('are those of one identity, not of one whose id begins alike', () => {
    const other = { id: 'identity', kind: 'agent', name: 'n', labels: {} };
    expect([marked('answered').seenBy(call({ identity: other })).marks, marked('answered').seenBy(call({ identity: { ...other, id: 'identity-11' } })).marks]).toEqual([[], []]);
  });
});

describe('the session of a test', () => {
  it('counts its calls before, and no other\'s', () => {
    const state = new TestState();
    expect(state.seenBy(call()).session).toEqual({ id: 'session-1', calls: 0 });
    state.count(call());
    state.count(call());
    state.count(call({ session: { id: 'other' } }));
    expect([state.seenBy(call()).session.calls, state.seenBy(call({ session: { id: 'other' } })).session.calls]).toEqual([2, 1]);
  });
});
