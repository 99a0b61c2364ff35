import { ONE, branded, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { LimitWindow } from '../document.js';
import type { LimitAsk } from '../verdict.js';
import { limitRefusal } from './limit-refusal.js';
import { limitSettings, sayScope, scopeText } from './limit-settings.js';
import { sayWindow, windowMsOf } from './window.js';

describe('a window', () => {
  it.each<[LimitWindow, number | undefined, string, string]>([
    [1, 1_000, 'in a second', 'in any second'],
    [45, 45_000, 'in 45 seconds', 'in any 45 seconds'],
    ['minute', 60_000, 'in a minute', 'in any minute'],
    ['hour', 3_600_000, 'in an hour', 'in any hour'],
    ['day', 86_400_000, 'in a day', 'in any day'],
    ['month', undefined, 'in a month', 'in any month'],
    ['concurrent', undefined, 'at once', 'at once'],
  ])('of %s is %s ms, said as "%s" or "%s"', (window, length, fixed, sliding) => {
    expect([windowMsOf(window), sayWindow(window, 'fixed'), sayWindow(window, 'sliding')]).toEqual([length, fixed, sliding]);
  });
});

describe('a scope', () => {
  const path = { text: 'args.customer', form: 'dotted', root: 'args', steps: [{ kind: 'key', key: 'customer' }] } as const;
  const limit = { counter: 'c', window: 'day', max: ONE, scope: 'grant', algorithm: 'fixed', count: 'call', class: 'hard', onExceed: 'deny' } as const;

  it('is written and said by its name, or by its argument', () => {
    expect([scopeText('grant'), sayScope('grant'), scopeText({ argument: path }), sayScope({ argument: path })]).toEqual(['grant', 'grant', 'argument:args.customer', 'args.customer']);
  });

  it('is part of what makes two limits one, the sentence for the caller is not', () => {
    expect(limitSettings({ ...limit, onDeny: 'Slow down.' })).toBe(limitSettings(limit));
    expect(limitSettings({ ...limit, counter: 'other' })).toBe(limitSettings(limit));
    expect(limitSettings({ ...limit, scope: { argument: path } })).toBe(limitSettings({ ...limit, scope: { argument: { ...path, text: 'spelt otherwise' } } }));
    const others = [{ scope: 'identity' }, { scope: { argument: path } }, { window: 'hour' }, { window: 86_400 }, { max: { coefficient: 2n, scale: 0 } }, { algorithm: 'sliding' }, { count: 'success' }, { class: 'soft' }, { onExceed: 'require_approval' }, { incrementFrom: path }] as const;
    expect(new Set([limit, ...others.map((other) => ({ ...limit, ...other }))].map(limitSettings)).size).toBe(others.length + 1);
  });
});

describe('a refusal outside the calendar', () => {
  const ask: LimitAsk = { ruleId: '/r', counter: 'c', scope: 'grant', scopeValue: 'g', windowStartMs: branded<EpochMs>(0), windowEndMs: branded<EpochMs>(8.64e15 + 1_000), units: ONE, max: ONE, message: 'Reached.', algorithm: 'fixed', calendar: null, count: 'call', class: 'hard', approval: null };

  it('tells how long it lasts without an instant', () => {
    expect(limitRefusal(ask, 8.64e15)).toEqual({ message: 'Reached. Limit "c" resets in 1 s.', retryAfterMs: 1_000 });
    expect(limitRefusal({ ...ask, algorithm: 'sliding' }, 8.64e15, 2_001)).toEqual({ message: 'Reached. Limit "c" resets in 3 s.', retryAfterMs: 2_001 });
  });
});
