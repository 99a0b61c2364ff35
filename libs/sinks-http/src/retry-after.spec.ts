import type { EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { MAX_RETRY_AFTER_MS, retryAfterMs } from './retry-after.js';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0) as EpochMs;

describe('Retry-After', () => {
  it('is read as seconds or as an HTTP date, and never beyond an hour', () => {
    expect(retryAfterMs('7', NOW)).toBe(7_000);
    expect(retryAfterMs('Sat, 21 Nov 2026 12:00:30 GMT', NOW)).toBe(30_000);
    expect(retryAfterMs('Sat, 21 Nov 2026 11:00:00 GMT', NOW)).toBe(0);
    expect([retryAfterMs('999999999', NOW), retryAfterMs('Sun, 21 Nov 2027 12:00:00 GMT', NOW)]).toEqual([MAX_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS]);
  });

  it('says nothing when it is neither', () => {
    for (const header of [undefined, '', '-1', '1.5', 'soon', '2026-11-21T12:00:30Z', '99999999999', 'Xxx, 99 Xxx 2026 GMT']) expect(retryAfterMs(header, NOW)).toBeUndefined();
  });
});
