import { MemoryAuditBus, aCompleted, aDecided, aNoted } from '@sallyport/audit/testing';
import { isFault } from '@sallyport/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { JournalPlace } from './testing/journal-place.js';

const codeOf = async (kept: Promise<void>): Promise<string> => kept.then(() => 'kept', (caught: unknown) => (isFault(caught) ? caught.code : 'other'));

describe('notes in a file journal', () => {
  let place: JournalPlace;
  beforeEach(() => {
    place = new JournalPlace();
  });
  afterEach(async () => {
    await place.remove();
  });
  const kinds = async () => (await place.kept()).map(({ record }) => record.kind);

  it('are written with the next decision, and cost it no write of their own', async () => {
    const journal = await place.open();
    await journal.decided(aDecided(1), 'disk');
    journal.noted(aNoted(1));
    expect(place.files.asked).toMatchObject({ write: 0, writeDurably: 1, sync: 0 });
    await journal.decided(aDecided(2), 'disk');
    expect(await kinds()).toEqual(['decided', 'noted', 'decided']);
    expect(place.files.asked).toMatchObject({ write: 0, writeDurably: 2, sync: 0 });
  });

  it('leave after a moment where no decision comes, and cost the next one no second operation', async () => {
    const journal = await place.open();
    await journal.decided(aDecided(1), 'disk');
    journal.noted(aNoted(1));
    place.scheduler.advance(50);
    await expect.poll(kinds).toEqual(['decided', 'noted']);
    await journal.decided(aDecided(2), 'disk');
    expect(place.files.asked).toMatchObject({ write: 0, writeDurably: 3, sync: 0 });
  });

  it('are read back after a kill, with the call beside them that never ended', async () => {
    const journal = await place.open();
    journal.noted(aNoted(1));
    await journal.decided(aDecided(1), 'process');
    const copy = await place.kept();
    await journal.close();
    const bus = new MemoryAuditBus();
    const next = await place.open({ bus });
    await next.drained();
    expect(next.recovery).toMatchObject({ damaged: [], orphans: 1 });
    expect(bus.stored.slice(0, 2)).toEqual(copy);
    expect(bus.stored.map(({ record }) => record.kind)).toEqual(['noted', 'decided', 'completed']);
  });

  it('have a sixteenth of the room while the bus is away, which comes back with it', async () => {
    const bus = new MemoryAuditBus();
    bus.refuseWith(new Error('away'));
    const journal = await place.open({ bus, maxBytes: 262_144 });
    for (let n = 1; n <= 200; n += 1) journal.noted(aNoted(n));
    await journal.flush();
    const { droppedNotes } = journal.condition();
    expect(droppedNotes).toBeGreaterThan(100);
    expect(await codeOf(journal.decided(aDecided(1), 'process'))).toBe('kept');
    bus.refuseWith(null);
    const drained = journal.drained();
    await nextTurn();
    place.scheduler.advance(30_000);
    await drained;
    journal.noted(aNoted(201));
    await journal.flush();
    expect(journal.condition().droppedNotes).toBe(droppedNotes);
    expect(bus.stored.filter(({ record }) => record.kind === 'noted')).toHaveLength(200 - droppedNotes);
  });

  it('are given up on a full disk and counted, while completions wait for room', async () => {
    const journal = await place.open();
    await journal.decided(aDecided(1), 'process');
    place.files.fail('write', 'ENOSPC');
    journal.noted(aNoted(1));
    journal.completed(aCompleted(1));
    expect(await codeOf(journal.decided(aDecided(2), 'process'))).toBe('journal.full');
    journal.noted(aNoted(2));
    expect(journal.condition()).toMatchObject({ droppedNotes: 2, refusedDecisions: 1 });
    place.files.fail('write', null);
    place.scheduler.advance(1_000);
    await journal.flush();
    expect((await place.kept()).map(({ localSeq, record }) => [localSeq, record.kind])).toEqual([[1, 'decided'], [2, 'completed']]);
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
