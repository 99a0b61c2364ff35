import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { connectionOf, LARGEST_PAGE, pageSize, readCursor, writeCursor } from './page.js';

describe('pages', () => {
  it('have 50 nodes unless asked, one at least and 100 at most', () => {
    expect([undefined, null, 0, -3, 7, 1_000].map(pageSize)).toEqual([50, 50, 1, 1, 7, LARGEST_PAGE]);
  });

  it('end where the last node is, and know of the next by one row too many', () => {
    const map = { place: (row: number) => [row], node: (row: number) => row };
    expect(connectionOf([1, 2, 3], 2, map)).toEqual({ nodes: [1, 2], pageInfo: { endCursor: writeCursor([2]), hasNextPage: true } });
    expect(connectionOf([1, 2], 2, map).pageInfo.hasNextPage).toBe(false);
    expect(connectionOf([], 2, map)).toEqual({ nodes: [], pageInfo: { endCursor: null, hasNextPage: false } });
  });

  it('come back from their cursors', () => {
    fc.assert(fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), (place) => {
      expect(readCursor(writeCursor(place), place.length)).toEqual(place);
    }));
  });

  it('refuse what is no cursor of their list', () => {
    for (const text of ['', 'x', writeCursor([1, 2]), Buffer.from('{"0":1}').toString('base64url'), Buffer.from('[[1]]').toString('base64url')]) {
      expect(() => readCursor(text, 1), text).toThrow('not a cursor');
    }
  });
});
