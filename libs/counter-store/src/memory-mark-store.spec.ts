import { branded, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { MemoryMarkStore } from './memory-mark-store.js';
import { markStoreContract } from './testing/mark-store.contract.js';

markStoreContract('memory', () => ({ store: new MemoryMarkStore() }));

describe('memory mark store', () => {
  it('makes room by what is over, and refuses a mark it has no room for', () => {
    const store = new MemoryMarkStore(2);
    const at = (ms: number) => branded<EpochMs>(ms);
    for (const mark of ['a', 'b']) store.leave('o/i', [{ mark, seconds: 1 }], at(0));
    expect(() => store.leave('o/i', [{ mark: 'c', seconds: 1 }], at(500))).toThrow('no room');
    store.leave('o/i', [{ mark: 'c', seconds: 1 }], at(1_000));
    expect(store.borne('o/i', ['a', 'b', 'c'], at(1_500))).toEqual(['c']);
  });
});
