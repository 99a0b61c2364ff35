import { branded, type EpochMs } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decide } from '../decide.js';
import { aPolicy } from '../testing/a-policy.js';
import { aToolCall } from '../testing/a-tool-call.js';
import type { LimitAsk } from '../verdict.js';
import { limitRefusal } from './limit-refusal.js';
import { monthEnd, monthStart, windowStart } from './window.js';

const askAt = (atMs: number, about: object = {}): LimitAsk => {
  const policy = aPolicy({ tools: { t: { limits: [{ counter: 'charges', window: 'minute', max: 30, scope: 'grant', ...about }] } } });
  const verdict = decide(policy, aToolCall({ tool: 't', atMs: branded<EpochMs>(atMs) }));
  const ask = verdict.effect === 'allow' ? verdict.asks[0] : undefined;
  if (ask === undefined) throw new Error('this call must ask for one limit');
  return ask;
};

describe('the refusal of a limit', () => {
  it('names the limit and when it resets', () => {
    expect(limitRefusal(askAt(1_760_000_000_000), 1_760_000_000_000)).toEqual({
      message: 'The limit of 30 calls in a minute for each grant is reached. Limit "charges" resets in 40 s, at 2025-10-09T08:54:00Z.',
      retryAfterMs: 40_000,
    });
  });

  it('keeps the sentence of the policy', () => {
    expect(limitRefusal(askAt(0, { on_deny: 'Slow down.' }), 59_999.5)).toEqual({
      message: 'Slow down. Limit "charges" resets in 1 s, at 1970-01-01T00:01:00Z.',
      retryAfterMs: 1,
    });
  });
});

describe('the refusal of other limits', () => {
  it('tells when a sliding limit has room, as the store knows it', () => {
    const ask = askAt(1_760_000_000_000, { algorithm: 'sliding' });
    expect(limitRefusal(ask, 1_760_000_000_000, 1_500)).toEqual({
      message: 'The limit of 30 calls in any minute for each grant is reached. Limit "charges" resets in 2 s, at 2025-10-09T08:53:21Z.',
      retryAfterMs: 1_500,
    });
    expect(limitRefusal(ask, 1_760_000_000_000).retryAfterMs).toBe(60_000);
    expect(limitRefusal(ask, 1_760_000_000_000, 0).retryAfterMs).toBe(1);
  });

  it('says that calls in flight must end first', () => {
    expect(limitRefusal(askAt(0, { window: 'concurrent' }), 0)).toEqual({
      message: 'The limit of 30 calls at once for each grant is reached. Limit "charges" has room again when one of them ends.',
      retryAfterMs: 1_000,
    });
  });
});

describe('months', () => {
  it('cover time without gap or overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6e13, max: 6e13 }), (atMs) => {
        const start = monthStart(atMs);
        const end = monthEnd(atMs);
        expect(start <= atMs && atMs < end).toBe(true);
        expect([monthStart(end), monthEnd(start - 1)]).toEqual([end, start]);
      }),
    );
  });

  it('are not a number outside the calendar', () => {
    expect([monthStart(Number.NaN), monthEnd(1e300)]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('windows', () => {
  it('cover time without gap or overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 4e12 }), fc.integer({ min: 1, max: 2_678_400 }), (atMs, seconds) => {
        const length = seconds * 1_000;
        const start = windowStart(atMs, length);
        expect(start <= atMs && atMs < start + length).toBe(true);
        expect(windowStart(start + length, length)).toBe(start + length);
        expect(windowStart(start - 1, length)).toBe(start - length);
      }),
    );
  });
});
