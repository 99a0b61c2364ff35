import { describe, expect, it } from 'vitest';

import { HashTable } from './hash-table.js';

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

describe('hashes by number', () => {
  it('are kept in any order, on both sides of a block\'s edge', () => {
    const table = new HashTable();
    for (const at of [131_072, 65_535, 65_536, 1]) table.set(at, hash(at % 251));
    for (const at of [131_072, 65_535, 65_536, 1]) expect(table.get(at)).toEqual(hash(at % 251));
    expect(table.size).toBe(4);
  });

  it('are told from those that were never set, be they zero', () => {
    const table = new HashTable();
    table.set(5, hash(0));
    expect([table.get(4), table.get(6), table.get(5 + 65_536)]).toEqual([undefined, undefined, undefined]);
    expect(table.get(5)).toEqual(hash(0));
  });

  it('are copies', () => {
    const table = new HashTable();
    const given = hash(1);
    table.set(1, given);
    given.fill(2);
    expect(table.get(1)).toEqual(hash(1));
  });
});
