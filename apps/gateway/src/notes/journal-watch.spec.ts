import { MemoryJournal, aRefusal, uuidOf } from '@sallyport/audit/testing';
import { branded, type EventId } from '@sallyport/kernel';
import { FakeClock } from '@sallyport/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';

import { DecisionIds } from '../pipeline/decision-ids.js';
import { JournalWatch } from './journal-watch.js';
import { WorkerNotes } from './worker-notes.js';

describe('the watch over a journal', () => {
  let journal: MemoryJournal;
  let clock: FakeClock;
  let watch: JournalWatch;

  beforeEach(() => {
    journal = new MemoryJournal({ maxRecords: 100 });
    clock = new FakeClock();
    watch = new JournalWatch(journal, new WorkerNotes({ workerId: 'w', journal, clock, ids: new DecisionIds() }), clock);
  });
  const told = () => journal.records.flatMap(({ record }) => (record.kind === 'noted' && record.note.kind === 'auditDegraded' ? [[record.note.reason, record.note.count]] : []));
  const fill = async (records: number) => {
    for (let n = 1; n <= records; n += 1) await journal.decided(aRefusal(n), 'process').catch(() => undefined); // past its capacity it refuses: full is what is asked for
  };

  it('says nothing while all is well', () => {
    for (let n = 0; n < 5; n += 1) watch.look();
    expect(journal.records).toEqual([]);
  });

  it('tells once that it is near full, and that it is well again', async () => {
    await fill(62);
    watch.look();
    watch.look();
    expect(told()).toEqual([['near_full', 0]]);
    journal.forget();
    watch.look();
    watch.look();
    expect(told()).toEqual([['recovered', 0]]);
  });

  it('tells refusals and lost notes when there is room, without counting its own attempts', async () => {
    await fill(110);
    journal.noted({ kind: 'noted', eventId: branded<EventId>(uuidOf(1)), organisationId: null, at: clock.now(), workerId: 'w', note: { kind: 'workerStopped' } });
    for (let n = 0; n < 4; n += 1) watch.look();
    expect(told()).toEqual([]);
    journal.forget();
    watch.look();
    expect(told()).toEqual([['refused', 10], ['notes_dropped', 1], ['recovered', 0]]);
  });

  it('tells refusals at most once a minute', async () => {
    await fill(101);
    journal.forget();
    watch.look();
    await fill(102);
    journal.forget();
    watch.look();
    expect(told()).toEqual([]);
    clock.advance(60_000);
    watch.look();
    expect(told().map(([reason]) => reason)).toEqual(['refused', 'recovered']);
  });
});
