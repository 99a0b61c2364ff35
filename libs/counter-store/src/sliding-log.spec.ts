import { ONE } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { EXACT_ENTRIES, SlidingLog } from './sliding-log.js';
import { decimal } from './testing/an-ask.js';

const HOUR_MS = 3_600_000;

describe('a sliding log', () => {
  it('holds at most twice the entries it keeps exactly', () => {
    const log = new SlidingLog(HOUR_MS);
    for (let atMs = 0; atMs < HOUR_MS; atMs += 50) log.takeWithin(ONE, decimal('1000000'), { atMs, endMs: atMs + HOUR_MS });
    expect(log.size).toBeLessThanOrEqual(2 * EXACT_ENTRIES + 1);
  });

  it('gives units back wherever their entry is', () => {
    const log = new SlidingLog(HOUR_MS);
    const max = decimal('10000');
    for (let atMs = 0; atMs < 10_000; atMs += 1) log.takeWithin(ONE, max, { atMs, endMs: atMs + HOUR_MS });
    for (let atMs = 0; atMs < 10_000; atMs += 1) log.giveBack(ONE, atMs + HOUR_MS);
    expect(log.takeWithin(max, max, { atMs: 10_000, endMs: 10_000 + HOUR_MS })).toBe(true);
  });

  it('lets nothing count for longer than its length and a 4,096th of it', () => {
    const log = new SlidingLog(HOUR_MS);
    const max = decimal('10000');
    for (let atMs = 0; atMs < 10_000; atMs += 1) log.takeWithin(ONE, max, { atMs, endMs: atMs + HOUR_MS });
    const endMs = HOUR_MS + 10_000 + HOUR_MS / EXACT_ENTRIES + 1;
    expect(log.takeWithin(max, max, { atMs: endMs, endMs: endMs + HOUR_MS })).toBe(true);
  });
});
