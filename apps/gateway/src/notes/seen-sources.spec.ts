import { describe, expect, it } from 'vitest';

import { SeenSources } from './seen-sources.js';

const HOUR = 3_600_000;

describe('the sources of a token', () => {
  it('are new once in each hour', () => {
    const seen = new SeenSources();
    expect([seen.isNew('a', 0), seen.isNew('a', 1), seen.isNew('b', 2), seen.isNew('a', 3), seen.isNew('b', HOUR - 1)]).toEqual([true, false, true, false, false]);
    expect([seen.isNew('b', HOUR), seen.isNew('a', HOUR), seen.isNew('a', HOUR + 1)]).toEqual([true, true, false]);
  });

  it('count as one where they cannot be told', () => {
    const seen = new SeenSources();
    expect([seen.isNew(null, 0), seen.isNew(null, 1)]).toEqual([true, false]);
  });

  it('are no longer told apart when there are too many', () => {
    const seen = new SeenSources();
    const fresh = Array.from({ length: 400 }, (_, n) => seen.isNew(`s${n}`, 0)).filter(Boolean);
    expect(fresh).toHaveLength(256);
    expect(seen.isNew('s399', HOUR)).toBe(true);
  });
});
