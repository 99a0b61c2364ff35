import type { JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { countConditions } from './parse-condition.js';

describe('the conditions of a list', () => {
  const one = { path: 'args.a', op: 'eq', value: 1 };
  it.each<[JsonValue | undefined, number]>([
    [undefined, 0], [null, 0], [{}, 0], [[], 0], [[one], 1], [[one, one], 2], [[5, 'x', null, []], 4], [[{ cel: 'true' }], 1], [[{ any: [] }], 1], [[{ any: [one, one] }], 3], [[{ all: [one, one, one] }], 4], [[{ not: one }], 2], [[{ not: { any: [one, one] } }], 4], [[{ any: [{ all: [one] }, one] }, one], 5], [[{ any: [one], all: [one, one] }], 4], [[{ not: 5 }], 2], [[{ any: 5, all: {} }], 1],
  ])('%j are so many: %i', (list, count) => {
    expect(countConditions(list)).toBe(count);
  });
});
