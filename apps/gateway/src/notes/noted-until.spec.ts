import { describe, expect, it } from 'vitest';

import { NotedUntil } from './noted-until.js';

describe('what is remembered as noted', () => {
  it('is new once until its time is over, and a later time replaces it', () => {
    const noted = new NotedUntil(10);
    expect([noted.isNew('a', 0, 100), noted.isNew('a', 50, 150), noted.isNew('a', 120, 130), noted.isNew('a', 150, 250)]).toEqual([true, false, false, true]);
    expect(noted.isNew('b', 120, 130)).toBe(true);
  });

  it('is new again when there was no room to remember it', () => {
    const noted = new NotedUntil(2);
    for (const key of ['a', 'b', 'c']) noted.isNew(key, 0, 100);
    expect([noted.isNew('c', 1, 100), noted.isNew('a', 1, 100)]).toEqual([false, true]);
  });
});
