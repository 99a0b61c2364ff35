import { branded, type EpochMs } from '@sallyport/kernel';
import { beforeEach, describe, expect, it } from 'vitest';

import type { MarkStore } from '../mark-store.js';

const START = branded<EpochMs>(1_760_000_000_000);

/** What every mark store must do. `open` is called before each test; `at` makes it that instant for a store that has a time of its own. */
export function markStoreContract(name: string, open: () => { readonly store: MarkStore; at?(nowMs: number): void | Promise<void> }): void {
  describe(`MarkStore contract: ${name}`, () => {
    let store: MarkStore;
    let at: (nowMs: number) => void | Promise<void>;

    beforeEach(() => {
      const harness = open();
      store = harness.store;
      at = (nowMs) => harness.at?.(nowMs);
    });

    const borne = async (afterMs: number, bearer = 'o/i', marks = ['a', 'b']): Promise<readonly string[]> => {
      await at(START + afterMs);
      return store.borne(bearer, marks, branded<EpochMs>(START + afterMs));
    };
    const leave = async (afterMs: number, mark: string, seconds: number): Promise<void> => {
      await at(START + afterMs);
      await store.leave('o/i', [{ mark, seconds }], branded<EpochMs>(START + afterMs));
    };

    it('says which marks were left, until their time is over', async () => {
      expect(await borne(0)).toEqual([]);
      await leave(0, 'a', 60);
      expect(await borne(59_000)).toEqual(['a']);
      expect(await borne(60_000)).toEqual([]);
    });

    it('lets a longer one stay and makes a shorter one longer', async () => {
      await leave(0, 'a', 100);
      await leave(1_000, 'a', 10);
      expect(await borne(50_000)).toEqual(['a']);
      await leave(50_000, 'a', 100);
      expect(await borne(149_000)).toEqual(['a']);
    });

    it('keeps identities and marks apart', async () => {
      await leave(0, 'b', 60);
      expect([await borne(0), await borne(0, 'o/other'), await borne(0, 'p/i'), await borne(0, 'o/i', ['a'])]).toEqual([['b'], [], [], []]);
    });
  });
}
