import { describe, expect, it } from 'vitest';

import { microTime } from './micro-time.js';

describe('an instant with microseconds', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000000Z'],
    [1_763_715_600_123, '2025-11-21T09:00:00.123000Z'],
    [1_763_715_600_123.456, '2025-11-21T09:00:00.123456Z'],
    [1_763_715_600_123.9996, '2025-11-21T09:00:00.123999Z'],
    [-5, '1970-01-01T00:00:00.000000Z'],
    [Number.NaN, '1970-01-01T00:00:00.000000Z'],
    [Number.POSITIVE_INFINITY, '9999-12-31T23:59:59.999000Z'],
  ])('of %d is %s', (epochMs, text) => {
    expect(microTime(epochMs)).toBe(text);
  });
});
