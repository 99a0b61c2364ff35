import { branded, type EpochMs } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decide } from '../decide.js';
import { aPolicy } from '../testing/a-policy.js';
import { aToolCall } from '../testing/a-tool-call.js';
import type { LimitAsk } from '../verdict.js';
import { limitRefusal } from './limit-refusal.js';
import { windowStart } from './window.js';

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
