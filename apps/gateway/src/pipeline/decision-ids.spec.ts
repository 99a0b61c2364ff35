import { branded, type EpochMs } from '@sallyport/kernel';
import { validate, version } from 'uuid';
import { describe, expect, it } from 'vitest';

import { DecisionIds } from './decision-ids.js';

const at = (ms: number): EpochMs => branded<EpochMs>(ms);
const NOW = 1_763_740_000_123;

function many(count: number, timeOf: (n: number) => number): readonly string[] {
  const ids = new DecisionIds();
  return Array.from({ length: count }, (_, n) => ids.next(at(timeOf(n))));
}

describe('decision ids', () => {
  it('are UUIDs of version 7 with the time in front', () => {
    for (const id of many(5_000, () => NOW)) expect([validate(id), version(id)]).toEqual([true, 7]);
    expect(parseInt(many(1, () => NOW)[0]?.replace('-', '').slice(0, 12) ?? '', 16)).toBe(NOW);
  });

  it('grow with every call, within one millisecond, across many, and when the clock steps back', () => {
    for (const timeOf of [() => NOW, (n: number) => NOW + n, (n: number) => NOW - n, (n: number) => NOW + Math.floor(n / 3)]) {
      const ids = many(20_000, timeOf);
      expect([...ids].sort()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('differ between processes that decide in the same millisecond', () => {
    expect(new Set(Array.from({ length: 200 }, () => many(1, () => NOW)[0])).size).toBe(200);
  });
});
