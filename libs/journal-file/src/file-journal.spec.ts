import { isFault } from '@sallyport/kernel';
import { aCompleted, aDecided, aRefusal } from '@sallyport/audit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { FileJournal } from './file-journal.js';
import { JournalPlace } from './testing/journal-place.js';

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const codeOf = async (kept: Promise<void>): Promise<string> => kept.then(() => 'kept', (caught: unknown) => (isFault(caught) ? caught.code : 'other'));

describe('file journal', () => {
  let place: JournalPlace;
  beforeEach(() => {
    place = new JournalPlace();
  });
  afterEach(async () => {
    await place.remove();
  });
  const keptNumbers = async () => (await place.kept()).map((one) => one.localSeq);
  const admit = (journal: FileJournal, from: number, to: number) => Promise.all(numbers(from, to).map((n) => journal.decided(aDecided(n), 'process')));

  describe('group commit', () => {
    it('writes all decisions of one step at once, before the loop goes on', async () => {
      const journal = await place.open();
      let hasGoneOn = false;
      setImmediate(() => (hasGoneOn = true));
      await admit(journal, 1, 6);
      expect(hasGoneOn).toBe(false);
      expect(place.files.asked).toMatchObject({ write: 1, writeDurably: 0 });
      expect(journal.stats()).toMatchObject({ batches: 1, records: 6 });
    });

    it('gathers what comes during a durable write and sends it when that is down, without a timer', async () => {
      const journal = await place.open();
      const release = place.files.holdDurableWrites();
      const first = journal.decided(aDecided(1), 'disk');
      await nextTurn();
      const rest = numbers(2, 6).map((n) => journal.decided(aDecided(n), n % 2 === 0 ? 'disk' : 'process'));
      await nextTurn();
      expect(await keptNumbers()).toEqual([]);
      release();
      await Promise.all([first, ...rest]);
      expect(place.files.asked).toMatchObject({ write: 0, writeDurably: 2 });
      expect(await keptNumbers()).toEqual(numbers(1, 6));
    });

    it('gives everyone in a batch the same promise', async () => {
      const journal = await place.open();
      expect(journal.decided(aDecided(1), 'process')).toBe(journal.decided(aDecided(2), 'process'));
    });

    it('lets a completion ride with the next decision', async () => {
      const journal = await place.open();
      await admit(journal, 1, 1);
      journal.completed(aCompleted(1));
      await nextTurn();
      expect(await keptNumbers()).toEqual([1]);
      await admit(journal, 2, 2);
      expect(await keptNumbers()).toEqual([1, 2, 3]);
      expect(place.files.asked.write).toBe(2);
    });

    it('does not let a decision wait for the disk because the completion of another call would', async () => {
      const journal = await place.open();
      await journal.decided(aDecided(1), 'disk');
      journal.completed(aCompleted(1));
      await journal.decided(aDecided(2), 'process');
      expect(place.files.asked).toMatchObject({ writeDurably: 1, write: 1 });
    });

    it('writes a completion that found no company after its linger', async () => {
      const journal = await place.open();
      await journal.decided(aDecided(1), 'disk');
      journal.completed(aCompleted(1));
      place.scheduler.advance(50);
      await journal.flush();
      expect(place.files.asked).toMatchObject({ write: 0, writeDurably: 2 });
      expect(await keptNumbers()).toEqual([1, 2]);
    });

    it('brings down what was only in the kernel before it says that something is on the disk', async () => {
      const journal = await place.open();
      await admit(journal, 1, 1);
      await journal.decided(aDecided(2), 'disk');
      expect(place.files.asked).toMatchObject({ sync: 1, writeDurably: 1 });
      await journal.decided(aDecided(3), 'disk');
      expect(place.files.asked).toMatchObject({ sync: 1, writeDurably: 2 });
    });

    it('goes on in the next segment when one is full, and begins the next one ahead of need', async () => {
      const journal = await place.open();
      for (const n of numbers(1, 100)) await admit(journal, n, n);
      expect(await keptNumbers()).toEqual(numbers(1, 100));
      expect(place.segmentNames().length).toBeGreaterThan(4);
      expect(journal.stats().usedBytes).toBeGreaterThan(100 * 700);
    });

    it('refuses a record that no segment can hold, and keeps the next', async () => {
      const journal = await place.open();
      const keys = numbers(1, 4_000).map((n) => `key-${n}`);
      expect(await codeOf(journal.decided(aDecided(1, { argumentKeys: keys }), 'process'))).toBe('journal.too_large');
      expect(await codeOf(journal.decided(aDecided(2), 'process'))).toBe('kept');
      expect(await keptNumbers()).toEqual([1]);
    });

    it('refuses a record larger than the bus takes, and keeps the next', async () => {
      const journal = await place.open({ maxRecordBytes: 1_500 });
      const keys = numbers(1, 300).map((n) => `key-${n}`);
      expect(await codeOf(journal.decided(aDecided(1, { argumentKeys: keys }), 'process'))).toBe('journal.too_large');
      expect(await codeOf(journal.decided(aDecided(2), 'process'))).toBe('kept');
    });

    it('writes a batch larger than its first buffer', async () => {
      const journal = await place.open({ segmentBytes: 1_048_576, maxBytes: 4_194_304 });
      const many = numbers(1, 200).map((n) => aDecided(n, { clientName: 'é𝄞'.repeat(n) }));
      await Promise.all(many.map((record) => journal.decided(record, 'process')));
      expect((await place.kept()).map((one) => one.record)).toEqual(many);
    });
  });

  describe('without space', () => {
    it('refuses at its bound and takes the completions it owes', async () => {
      const journal = await place.open({ maxBytes: 32_768 });
      const codes = await Promise.all(numbers(1, 60).map((n) => codeOf(journal.decided(aDecided(n), 'process'))));
      const admitted = codes.filter((code) => code === 'kept').length;
      expect(new Set(codes)).toEqual(new Set(['kept', 'journal.full']));
      numbers(1, admitted).forEach((n) => journal.completed(aCompleted(n)));
      await journal.flush();
      expect(await keptNumbers()).toEqual(numbers(1, 2 * admitted));
      expect(journal.stats().usedBytes).toBeLessThanOrEqual(32_768);
    });

    it('refuses decisions while the disk is full, and goes on by itself when it is not', async () => {
      const journal = await place.open();
      place.files.fail('createSegment', 'ENOSPC');
      const codes: string[] = [];
      for (const n of numbers(1, 40)) codes.push(await codeOf(journal.decided(aDecided(n), 'disk')));
      const admitted = codes.indexOf('journal.full');
      expect(admitted).toBeGreaterThan(5);
      expect(new Set(codes.slice(admitted))).toEqual(new Set(['journal.full']));
      numbers(1, admitted).forEach((n) => journal.completed(aCompleted(n)));
      expect(await codeOf(journal.flush())).toBe('journal.full');

      place.files.fail('createSegment', null);
      place.scheduler.advance(1_000);
      await journal.flush();
      expect(await codeOf(journal.decided(aDecided(99), 'disk'))).toBe('kept');
      expect(await keptNumbers()).toEqual(numbers(1, 2 * admitted + 1));
      expect(journal.stats().unendedDecisions).toBe(1);
      expect(place.broken).toEqual([]);
    });

    it('asks a full disk again only after a while', async () => {
      const journal = await place.open();
      place.files.fail('createSegment', 'ENOSPC');
      for (const n of numbers(1, 40)) await codeOf(journal.decided(aDecided(n), 'process'));
      const asked = place.files.asked.createSegment;
      for (const n of numbers(41, 80)) await codeOf(journal.decided(aDecided(n), 'process'));
      expect(place.files.asked.createSegment).toBe(asked);
    });

    it('numbers without a gap when a write itself finds no space', async () => {
      const journal = await place.open();
      await admit(journal, 1, 2);
      place.files.fail('write', 'ENOSPC');
      expect(await codeOf(journal.decided(aDecided(3), 'process'))).toBe('journal.full');
      place.files.fail('write', null);
      place.scheduler.advance(1_000);
      await admit(journal, 4, 4);
      expect((await place.kept()).map((one) => [one.localSeq, one.record])).toEqual([[1, aDecided(1)], [2, aDecided(2)], [3, aDecided(4)]]);
    });

    it('opens on a full disk and refuses until there is room', async () => {
      place.files.fail('createSegment', 'ENOSPC');
      place.files.fail('replaceText', 'ENOSPC');
      const journal = await place.open();
      expect(await codeOf(journal.decided(aDecided(1), 'disk'))).toBe('journal.full');
      place.files.fail('createSegment', null);
      place.files.fail('replaceText', null);
      place.scheduler.advance(1_000);
      expect(await codeOf(journal.decided(aDecided(2), 'disk'))).toBe('kept');
    });
  });

  describe('after an I/O error', () => {
    for (const [operation, durability] of [['write', 'process'], ['writeDurably', 'disk'], ['sync', 'disk']] as const) {
      it(`rejects every waiter, tells its owner once and keeps nothing more (${operation})`, async () => {
        const journal = await place.open();
        await admit(journal, 1, 1);
        place.files.fail(operation, 'EIO');
        const codes = await Promise.all(numbers(2, 5).map((n) => codeOf(journal.decided(aDecided(n), durability))));
        expect(codes).toEqual(Array.from({ length: 4 }, () => 'journal.broken'));
        place.files.fail(operation, null);
        journal.completed(aCompleted(1));
        expect(await codeOf(journal.decided(aDecided(6), durability))).toBe('journal.broken');
        expect(await codeOf(journal.flush())).toBe('journal.broken');
        expect(place.broken).toEqual(['journal.broken']);
        expect(await keptNumbers()).toEqual([1]);
        expect(journal.stats().isBroken).toBe(true);
      });
    }

    it('breaks when a new segment cannot be made for another reason than space', async () => {
      const journal = await place.open();
      place.files.fail('createSegment', 'EROFS');
      const codes: string[] = [];
      for (const n of numbers(1, 40)) codes.push(await codeOf(journal.decided(aDecided(n), 'process')));
      expect(codes.at(-1)).toBe('journal.broken');
      expect(place.broken).toEqual(['journal.broken']);
    });

    it('can be closed and opened again with everything it had kept', async () => {
      const journal = await place.open();
      await admit(journal, 1, 3);
      place.files.fail('write', 'EIO');
      await codeOf(journal.decided(aDecided(4), 'process'));
      await journal.close();
      place.files.fail('write', null);
      const next = await place.open();
      expect(next.recovery).toMatchObject({ records: 3, orphans: 3, damaged: [] });
    });
  });

  it('completes by request what its caller has lost', async () => {
    const journal = await place.open();
    const now = place.clock.now();
    await journal.decided(aDecided(1, { at: now }), 'process');
    await journal.decided(aRefusal(2, { at: now }), 'process');
    place.clock.advance(5_000);
    await journal.decided(aDecided(3, { at: place.clock.now() }), 'process');
    expect(journal.sweepAbandoned(1_000)).toBe(1);
    expect(journal.sweepAbandoned(1_000)).toBe(0);
    journal.completed(aCompleted(1));
    await journal.flush();
    const ends = (await place.kept()).map((one) => one.record).filter((record) => record.kind === 'completed');
    expect(ends).toMatchObject([{ decisionId: aDecided(1).decisionId, outcome: 'abandoned', status: 'transport_error', chargesReleased: false }]);
    expect(journal.stats().unendedDecisions).toBe(1);
  });

  it('refuses sizes and incarnations it cannot work with', async () => {
    for (const over of [{ segmentBytes: 1_000 }, { segmentBytes: 10_000 }, { maxBytes: 20_000 }, { incarnation: 'worker-1' }]) {
      await expect(place.open(over)).rejects.toMatchObject({ code: 'journal_file.misconfigured' });
    }
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
