import { beforeEach, describe, expect, it } from 'vitest';

import type { SequencedRecord } from '../decision-record.js';
import type { Journal } from '../journal.js';
import { aCompleted, aDecided, aNoted, aRefusal } from './a-record.js';

/** A place for one journal, empty at first. */
export interface JournalHarness {
  /**
   * Opens the journal of this place, with no bus, and with room for at least ten admitted calls of `aDecided`. `small`: room for
   * no more than a hundred of them.
   */
  open(size: 'ample' | 'small'): Promise<Journal>;
  /** What someone finds who looks at the place from outside now, without asking the open journal: the state after a kill. */
  kept(): Promise<readonly SequencedRecord[]>;
}

/** What every journal must do. `place` is called before each test; it closes what the last test left open. */
export function journalContract(name: string, place: () => JournalHarness | Promise<JournalHarness>): void {
  describe(`Journal contract: ${name}`, () => {
    let harness: JournalHarness;
    beforeEach(async () => {
      harness = await place();
    });
    const recordsKept = async () => (await harness.kept()).map((kept) => kept.record);

    /** Admits calls until the journal is full; how many it took. */
    const fill = async (journal: Journal): Promise<number> => {
      for (let n = 1; n <= 10_000; n += 1) {
        try {
          await journal.decided(aDecided(n), 'process');
        } catch (caught) {
          expect(caught).toMatchObject({ code: 'journal.full' });
          return n - 1;
        }
      }
      throw new Error('the journal never filled');
    };

    for (const durability of ['process', 'disk'] as const) {
      it(`has kept a decision when it says so (${durability})`, async () => {
        const journal = await harness.open('ample');
        await journal.decided(aDecided(1), durability);
        expect(await recordsKept()).toEqual([aDecided(1)]);
        await journal.decided(aRefusal(2), durability);
        expect(await recordsKept()).toEqual([aDecided(1), aRefusal(2)]);
        await journal.close();
      });
    }

    it('keeps completions by the time it is flushed', async () => {
      const journal = await harness.open('ample');
      await journal.decided(aDecided(1), 'disk');
      journal.completed(aCompleted(1));
      await journal.flush();
      expect(await recordsKept()).toEqual([aDecided(1), aCompleted(1)]);
      await journal.close();
    });

    it('keeps completions by the time it is closed', async () => {
      const journal = await harness.open('ample');
      await journal.decided(aDecided(1), 'process');
      journal.completed(aCompleted(1));
      await journal.close();
      expect(await recordsKept()).toEqual([aDecided(1), aCompleted(1)]);
    });

    it('numbers its records 1, 2, 3 … in the order they came, whatever their durability', async () => {
      const journal = await harness.open('ample');
      const waits = [];
      for (let n = 1; n <= 60; n += 1) {
        waits.push(journal.decided(aDecided(n), n % 3 === 0 ? 'disk' : 'process'));
        if (n % 7 === 0) await Promise.all(waits);
        if (n % 2 === 0) journal.completed(aCompleted(n));
      }
      await Promise.all(waits);
      await journal.flush();
      const kept = await harness.kept();
      expect(kept.map((one) => one.localSeq)).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
      expect(new Set(kept.map((one) => one.incarnation))).toEqual(new Set([journal.incarnation]));
      const decisions = kept.map((one) => one.record).filter((record) => record.kind === 'decided');
      expect(decisions).toEqual(Array.from({ length: 60 }, (_, index) => aDecided(index + 1)));
      await journal.close();
    });

    it('refuses decisions when it is full and still takes the completion of every admitted one', async () => {
      const journal = await harness.open('small');
      const admitted = await fill(journal);
      expect(admitted).toBeGreaterThanOrEqual(10);
      for (let n = 1; n <= admitted; n += 1) journal.completed(aCompleted(n));
      await journal.flush();
      const kept = await recordsKept();
      expect(kept.filter((record) => record.kind === 'decided')).toHaveLength(admitted);
      expect(kept.filter((record) => record.kind === 'completed')).toHaveLength(admitted);
      await journal.close();
    });

    it('keeps one completion for each admitted decision and none for a refused one', async () => {
      const journal = await harness.open('ample');
      await journal.decided(aDecided(1), 'process');
      await journal.decided(aRefusal(2), 'process');
      journal.completed(aCompleted(1));
      journal.completed(aCompleted(1, { outcome: 'error' }));
      journal.completed(aCompleted(2));
      journal.completed(aCompleted(3));
      await journal.flush();
      expect(await recordsKept()).toEqual([aDecided(1), aRefusal(2), aCompleted(1)]);
      await journal.close();
    });

    it('keeps notes among decisions, in order, by the time it is flushed', async () => {
      const journal = await harness.open('ample');
      journal.noted(aNoted(1));
      await journal.decided(aDecided(1), 'disk');
      journal.noted(aNoted(2, { organisationId: null, note: { kind: 'workerStopped' } }));
      await journal.flush();
      expect(await recordsKept()).toEqual([aNoted(1), aDecided(1), aNoted(2, { organisationId: null, note: { kind: 'workerStopped' } })]);
      expect((await harness.kept()).map((one) => one.localSeq)).toEqual([1, 2, 3]);
      expect(journal.condition()).toMatchObject({ refusedDecisions: 0, droppedNotes: 0 });
      await journal.close();
    });

    it('drops and counts notes when there is no room for them, and still takes decisions and their completions', async () => {
      const journal = await harness.open('small');
      let noted = 0;
      while (journal.condition().droppedNotes === 0 && noted < 10_000) {
        journal.noted(aNoted((noted += 1)));
        await journal.flush();
      }
      expect(noted).toBeLessThan(10_000);
      await journal.decided(aDecided(1), 'process');
      journal.completed(aCompleted(1));
      await journal.flush();
      const kept = await recordsKept();
      expect(kept.filter((record) => record.kind === 'noted')).toHaveLength(noted - 1);
      expect(kept.slice(-2)).toEqual([aDecided(1), aCompleted(1)]);
      await journal.close();
    });

    it('counts the decisions it refuses, and says how full it is', async () => {
      const journal = await harness.open('small');
      await fill(journal);
      const { refusedDecisions, fullShare } = journal.condition();
      expect(refusedDecisions).toBe(1);
      expect(fullShare).toBeGreaterThan(0.7);
      expect(fullShare).toBeLessThanOrEqual(1);
      await journal.close();
    });

    it('says how much of it nobody else has, and since when', async () => {
      const journal = await harness.open('ample');
      expect(journal.condition()).toMatchObject({ unshippedRecords: 0, oldestUnshippedAtMs: null });
      await journal.decided(aDecided(1), 'process');
      await journal.decided(aRefusal(2), 'process');
      expect(journal.condition()).toMatchObject({ unshippedRecords: 2, oldestUnshippedAtMs: aDecided(1).at });
      await journal.close();
    });

    it('keeps nothing once it is closed, and says so', async () => {
      const journal = await harness.open('ample');
      await journal.decided(aDecided(1), 'process');
      await journal.close();
      await expect(journal.decided(aDecided(2), 'process')).rejects.toMatchObject({ code: 'journal.broken' });
      expect(() => journal.completed(aCompleted(1))).not.toThrow();
      expect(() => journal.noted(aNoted(1))).not.toThrow();
      expect(await recordsKept()).toEqual([aDecided(1)]);
    });

    it('may be flushed when there is nothing to write', async () => {
      const journal = await harness.open('ample');
      await journal.flush();
      await journal.close();
      expect(await recordsKept()).toEqual([]);
    });
  });
}
