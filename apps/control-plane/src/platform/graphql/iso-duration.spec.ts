import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatDuration, parseDuration } from './iso-duration.js';

describe('ISO 8601 durations', () => {
  it('are read in days, hours, minutes, seconds and fractions', () => {
    expect(['P90D', 'PT60S', 'PT1H30M', 'P1DT12H', 'PT0.5S', 'PT0S'].map(parseDuration)).toEqual([7_776_000_000, 60_000, 5_400_000, 129_600_000, 500, 0]);
  });

  it('are refused in any other form', () => {
    for (const text of ['', 'P', 'PT', 'P1DT', '1D', 'P1M', 'P1Y', 'PT-1S', 'P1.5D', 'PT1S1M', ' PT1S', 'PT1.S', 'pt1s']) expect(parseDuration(text), text).toBeUndefined();
  });

  it('print what they read', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 400 * 86_400_000 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }));
  });
});
