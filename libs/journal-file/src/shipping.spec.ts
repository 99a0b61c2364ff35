import { aCompleted, aDecided, aRefusal, MemoryAuditBus } from '@sallyport/audit/testing';
import { isFault } from '@sallyport/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { FileJournal } from './file-journal.js';
import { JournalPlace } from './testing/journal-place.js';

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('shipping', () => {
  let place: JournalPlace;
  let bus: MemoryAuditBus;
  beforeEach(() => {
    place = new JournalPlace();
    bus = new MemoryAuditBus();
  });
  afterEach(async () => {
    await place.remove();
  });
  const refuse = (journal: FileJournal, from: number, to: number) => Promise.all(numbers(from, to).map((n) => journal.decided(aRefusal(n), 'process')));
  const drainedAfterOutage = async (journal: FileJournal) => {
    const drained = journal.drained();
    await settled();
    place.scheduler.advance(30_000);
    await drained;
  };
  const storedNumbers = () => bus.stored.map((one) => one.localSeq);

  it('publishes what was kept, in order and once', async () => {
    const journal = await place.open({ bus });
    await journal.decided(aDecided(1), 'disk');
    journal.completed(aCompleted(1));
    await refuse(journal, 2, 50);
    await journal.drained();
    expect(bus.stored.map((one) => one.record)).toEqual([aDecided(1), aCompleted(1), ...numbers(2, 50).map((n) => aRefusal(n))]);
    expect(storedNumbers()).toEqual(numbers(1, 51));
    expect(bus.batches.flat()).toHaveLength(51);
    expect(journal.condition()).toMatchObject({ unshippedRecords: 0, oldestUnshippedAtMs: null });
  });

  it('waits a moment for company before it publishes', async () => {
    const journal = await place.open({ bus });
    for (const n of numbers(1, 5)) await refuse(journal, n, n);
    await settled();
    expect(bus.batches).toHaveLength(0);
    place.scheduler.advance(50);
    await settled();
    expect(bus.batches.map((batch) => batch.length)).toEqual([5]);
  });

  it('publishes no more than 500 records at a time', async () => {
    const journal = await place.open({ bus, segmentBytes: 4_194_304, maxBytes: 16_777_216 });
    await Promise.all(numbers(1, 1_200).map((n) => journal.decided(aRefusal(n, { argumentKeys: [] }), 'process')));
    await journal.drained();
    expect(Math.max(...bus.batches.map((batch) => batch.length))).toBeLessThanOrEqual(500);
    expect(storedNumbers()).toEqual(numbers(1, 1_200));
  });

  it('tries again, ever more slowly, while the bus refuses', async () => {
    const journal = await place.open({ bus });
    bus.refuseWith(new Error('away'));
    await refuse(journal, 1, 3);
    place.scheduler.advance(50);
    await settled();
    const attempts = [bus.refusedCount];
    for (const ms of [100, 200, 400, 800]) {
      place.scheduler.advance(ms - 1);
      await settled();
      attempts.push(bus.refusedCount);
      place.scheduler.advance(1);
      await settled();
    }
    expect(attempts).toEqual([1, 1, 2, 3, 4]);
    expect(journal.stats().shippingFailures).toBe(5);
    expect(journal.condition()).toMatchObject({ unshippedRecords: 3, oldestUnshippedAtMs: aRefusal(1).at });
    bus.refuseWith(null);
    await drainedAfterOutage(journal);
    expect(storedNumbers()).toEqual([1, 2, 3]);
    expect(journal.stats().shippingFailures).toBe(0);
  });

  it('tells of when the oldest record is that has not been shipped', async () => {
    const journal = await place.open({ bus });
    await refuse(journal, 1, 1);
    await journal.drained();
    bus.refuseWith(new Error('away'));
    const at = place.clock.now();
    await journal.decided(aRefusal(2, { at }), 'process');
    place.clock.advance(70_000);
    await journal.decided(aRefusal(3, { at: place.clock.now() }), 'process');
    place.scheduler.advance(50);
    await settled();
    expect(journal.condition().oldestUnshippedAtMs).toBe(at);
  });

  it('reads back from the disk what memory let go, and loses nothing on the way', async () => {
    const journal = await place.open({ bus, segmentBytes: 1_048_576, maxBytes: 64 * 1_048_576 });
    bus.refuseWith(new Error('away'));
    for (let from = 1; from <= 12_000; from += 500) await refuse(journal, from, from + 499);
    bus.refuseWith(null);
    await drainedAfterOutage(journal);
    expect(storedNumbers()).toEqual(numbers(1, 12_000));
    expect(bus.stored[0]?.record).toEqual(aRefusal(1));
  });

  it('reuses segments that are shipped, so that a long run needs few files', async () => {
    const journal = await place.open({ bus });
    for (let from = 1; from <= 600; from += 5) {
      await refuse(journal, from, from + 4);
      await journal.drained();
    }
    expect(place.segmentNames().length).toBeLessThanOrEqual(4);
    expect(storedNumbers()).toEqual(numbers(1, 600));
  });

  it('gives disk space back after a burst', async () => {
    const journal = await place.open({ bus });
    bus.refuseWith(new Error('away'));
    for (let from = 1; from <= 500; from += 5) await refuse(journal, from, from + 4);
    expect(place.segmentNames().length).toBeGreaterThan(20);
    bus.refuseWith(null);
    await drainedAfterOutage(journal);
    expect(place.segmentNames().length).toBeLessThanOrEqual(6);
  });

  it('takes decisions again when shipping has made room', async () => {
    const journal = await place.open({ bus, maxBytes: 32_768 });
    bus.refuseWith(new Error('away'));
    let kept = 0;
    const full = async (): Promise<boolean> => {
      try {
        await journal.decided(aRefusal(kept + 1), 'process');
        kept += 1;
        return false;
      } catch (caught) {
        expect(isFault(caught, 'journal.full')).toBe(true);
        return true;
      }
    };
    while (!(await full()));
    bus.refuseWith(null);
    await drainedAfterOutage(journal);
    expect(await full()).toBe(false);
  });

  it('refuses decisions once the bus has been away for too long, until it takes records again', async () => {
    const journal = await place.open({ bus, maxOutageMs: 60_000 });
    bus.refuseWith(new Error('away'));
    await refuse(journal, 1, 1);
    for (let passed = 0; passed <= 100; passed += 1) {
      place.scheduler.advance(1_000);
      await settled();
    }
    await expect(refuse(journal, 2, 2)).rejects.toMatchObject({ code: 'journal.full' });
    bus.refuseWith(null);
    await drainedAfterOutage(journal);
    await refuse(journal, 3, 3);
  });

  it('does not ship again after a restart what was acknowledged', async () => {
    const first = await place.open({ bus });
    await refuse(first, 1, 30);
    await first.drained();
    await first.close();
    const second = await place.open({ bus });
    await refuse(second, 31, 31);
    await second.drained();
    expect(bus.batches.flat()).toHaveLength(31);
  });

  it('ships after a restart what the last owner could not, before its own', async () => {
    bus.refuseWith(new Error('away'));
    const first = await place.open({ bus });
    await refuse(first, 1, 30);
    await first.close();
    bus.refuseWith(null);
    const second = await place.open({ bus });
    await refuse(second, 31, 31);
    await second.drained();
    expect(bus.batches.flat().map((one) => one.record)).toEqual(numbers(1, 31).map((n) => aRefusal(n)));
    expect(bus.stored.map((one) => one.incarnation)).toEqual([...Array.from({ length: 30 }, () => first.incarnation), second.incarnation]);
  });

  it('tells who waits for the bus once the bus has it, and not before', async () => {
    const journal = await place.open({ bus });
    bus.refuseWith(new Error('away'));
    await journal.decided(aDecided(1), 'disk');
    let hasArrived = false;
    const arrived = journal.arrived().then(() => (hasArrived = true));
    await settled();
    expect(hasArrived).toBe(false);
    bus.refuseWith(null);
    place.scheduler.advance(30_000);
    await arrived;
    expect(storedNumbers()).toEqual([1]);
  });

  it('breaks when it cannot remember how far it came', async () => {
    const journal = await place.open({ bus });
    place.files.fail('replaceText', 'EIO');
    await refuse(journal, 1, 1);
    await expect(journal.drained()).rejects.toMatchObject({ code: 'journal.broken' });
    expect(place.broken).toEqual(['journal.broken']);
  });

  it('keeps its segments while the disk has no room to remember that they are shipped', async () => {
    const journal = await place.open({ bus });
    place.files.fail('replaceText', 'ENOSPC');
    for (let from = 1; from <= 200; from += 5) await refuse(journal, from, from + 4);
    await journal.drained();
    const held = journal.stats().liveSegments;
    expect(held).toBeGreaterThan(5);
    place.files.fail('replaceText', null);
    await refuse(journal, 201, 201);
    await journal.drained();
    expect(journal.stats().liveSegments).toBe(1);
    expect(place.broken).toEqual([]);
  });

  it('tells those who wait for it that it was closed', async () => {
    bus.refuseWith(new Error('away'));
    const journal = await place.open({ bus });
    await refuse(journal, 1, 1);
    const drained = journal.drained();
    drained.catch(() => {});
    await settled();
    await journal.close();
    await expect(drained).rejects.toMatchObject({ code: 'journal.broken' });
  });
});

/** Lets everything that needs no more time run to its end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
