import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { aCompleted, aDecided, aRefusal, MemoryAuditBus } from '@sallyport/audit/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { FileJournal } from './file-journal.js';
import { scanFrames } from './frame.js';
import { nodeFiles } from './journal-files.js';
import { POSITION_FILE, readPositionFile } from './position-file.js';
import { JournalPlace } from './testing/journal-place.js';

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('recovery', () => {
  let place: JournalPlace;
  let bus: MemoryAuditBus;
  beforeEach(() => {
    place = new JournalPlace();
    bus = new MemoryAuditBus();
  });
  afterEach(async () => {
    await place.remove();
  });

  /** One write each, so that the records lie one behind the other. */
  const refuse = async (journal: FileJournal, from: number, to: number) => {
    for (const n of numbers(from, to)) await journal.decided(aRefusal(n), 'process');
  };
  const leave = async (from: number, to: number): Promise<FileJournal> => {
    const journal = await place.open();
    await refuse(journal, from, to);
    await journal.close();
    return journal;
  };
  const frameOf = (bytes: Buffer, localSeq: number) => {
    const frame = [...scanFrames(bytes)].find((one) => one.seq === localSeq);
    if (frame === undefined) throw new Error(`no record ${localSeq}`);
    return frame;
  };
  const flipIn = (localSeq: number, at = 60) => (bytes: Buffer): void => {
    const { offset } = frameOf(bytes, localSeq);
    bytes.writeUInt8(bytes.readUInt8(offset + at) ^ 1, offset + at);
  };
  const seqs = (records: readonly { localSeq: number }[]) => records.map((one) => one.localSeq);
  const first = '00000001.segment';

  it('finds a new folder empty', async () => {
    const journal = await place.open();
    expect(journal.recovery).toEqual({ records: 0, damaged: [], torn: [], orphans: 0 });
  });

  it('stops at a last record that was cut, and reports it as torn', async () => {
    await leave(1, 5);
    let offset = 0;
    place.damage(first, (bytes) => {
      offset = frameOf(bytes, 5).offset;
      bytes.fill(0, offset + 100);
    });
    const journal = await place.open({ bus });
    expect(journal.recovery).toEqual({ records: 4, damaged: [], torn: [{ segment: first, offset }], orphans: 0 });
    await journal.drained();
    expect(seqs(bus.stored)).toEqual([1, 2, 3, 4]);
  });

  it('never writes into the segment with the torn record', async () => {
    await leave(1, 5);
    place.damage(first, (bytes) => void bytes.fill(0, frameOf(bytes, 5).offset + 100));
    const journal = await place.open();
    await refuse(journal, 6, 7);
    await journal.close();
    const kept = await place.kept();
    expect(kept.map((one) => one.record)).toEqual([1, 2, 3, 4, 6, 7].map((n) => aRefusal(n)));
    expect(seqs(kept)).toEqual([1, 2, 3, 4, 1, 2]);
  });

  it('reads a file that ends in the middle of a record', async () => {
    await leave(1, 5);
    place.damage(first, (bytes) => bytes.subarray(0, frameOf(bytes, 5).offset + 300));
    const journal = await place.open({ bus });
    expect(journal.recovery).toMatchObject({ records: 4, damaged: [] });
    expect(journal.recovery.torn).toHaveLength(1);
  });

  for (const [where, at] of [['payload', 60], ['length', 8], ['number', 17], ['checksum', 5], ['mark', 0]] as const) {
    it(`reports a bit flipped between good records and keeps those before and after (${where})`, async () => {
      await leave(1, 6);
      let damaged = { offset: 0, bytes: 0 };
      place.damage(first, (bytes) => {
        const { offset, end } = frameOf(bytes, 3);
        damaged = { offset, bytes: end - offset };
        flipIn(3, at)(bytes);
      });
      const journal = await place.open({ bus });
      expect(journal.recovery).toEqual({ records: 5, damaged: [{ segment: first, ...damaged, missing: 1 }], torn: [], orphans: 0 });
      await journal.drained();
      expect(seqs(bus.stored)).toEqual([1, 2, 4, 5, 6]);
    });
  }

  it('reports damage at the start and at the end of a segment that others follow', async () => {
    await leave(1, 60);
    const lastOf = (name: string): number => {
      let last = 0;
      place.damage(name, (bytes) => {
        last = Math.max(...[...scanFrames(bytes)].map((frame) => frame.seq));
      });
      return last;
    };
    const [one = '', two = '', three = ''] = place.segmentNames();
    const atEnd = lastOf(one);
    const atStart = lastOf(two) + 1;
    place.damage(one, flipIn(atEnd));
    place.damage(three, flipIn(atStart));
    const journal = await place.open({ bus });
    expect(journal.recovery.records).toBe(58);
    expect(journal.recovery.damaged).toMatchObject([{ segment: one, missing: 1 }, { segment: three, offset: 0, missing: 1 }]);
    await journal.drained();
    expect(seqs(bus.stored)).toEqual(numbers(1, 60).filter((n) => n !== atEnd && n !== atStart));
  });

  it('reports a segment that is gone', async () => {
    await leave(1, 60);
    const [, second = ''] = place.segmentNames();
    place.damage(second, (bytes) => void bytes.fill(0));
    const journal = await place.open();
    const [damage] = journal.recovery.damaged;
    expect(damage).toMatchObject({ segment: first, bytes: null });
    expect(journal.recovery.records + (damage?.missing ?? 0)).toBe(60);
  });

  it('completes an admitted call without an end as abandoned, and keeps its charges', async () => {
    const before = await place.open();
    await before.decided(aDecided(1), 'process');
    await before.decided(aDecided(2), 'process');
    await before.decided(aRefusal(3), 'process');
    before.completed(aCompleted(2));
    await before.close();
    const journal = await place.open({ bus });
    expect(journal.recovery.orphans).toBe(1);
    await journal.drained();
    const { decisionId, organisationId } = aDecided(1);
    expect(bus.stored.at(-1)).toEqual({
      incarnation: journal.incarnation,
      localSeq: 1,
      record: {
        kind: 'completed', decisionId, organisationId, at: place.clock.now(), outcome: 'abandoned', reasonCode: null, status: 'transport_error',
        httpStatus: null, rpcCode: null, resultBytes: 0, durationUs: 0, upstreamUs: 0, chargesReleased: false,
        answerRuleId: null, removed: [], removedCount: 0, marksLeft: [],
      },
    });
    await journal.close();
    expect((await place.open()).recovery.orphans).toBe(0);
  });

  it('remembers an admitted call whose segment was reused before it ended', async () => {
    const before = await place.open({ bus });
    await before.decided(aDecided(1), 'process');
    await before.decided(aDecided(2), 'process');
    for (let n = 10; n < 200; n += 5) {
      await refuse(before, n, n + 4);
      await before.drained();
    }
    before.completed(aCompleted(2));
    await before.drained();
    await before.close();
    expect((await place.kept()).some(({ record }) => record.kind !== 'noted' && record.decisionId === aDecided(1).decisionId)).toBe(false);
    const journal = await place.open({ bus });
    expect(journal.recovery.orphans).toBe(1);
    await journal.drained();
    const ends = bus.stored.map((one) => one.record).filter((record) => record.kind === 'completed');
    expect(ends.map((record) => [record.decisionId, record.outcome])).toEqual([[aDecided(2).decisionId, 'allowed'], [aDecided(1).decisionId, 'abandoned']]);
  });

  it('does not remember a decision that is not in the journal yet', async () => {
    const journal = await place.open({ bus });
    await journal.decided(aDecided(1), 'process');
    const release = place.files.holdDurableWrites();
    const late = journal.decided(aDecided(2), 'disk');
    const state = () => readPositionFile(nodeFiles, place.folder);
    place.scheduler.advance(1_000);
    await vi.waitFor(() => expect(state()?.acknowledged.seq).toBe(1), { interval: 1 });
    const { decisionId, organisationId } = aDecided(1);
    expect(state()?.unended).toEqual([{ decisionId, organisationId }]);
    release();
    await late;
  });

  it('never takes the stale records of a reused segment for new ones', async () => {
    const before = await place.open({ bus });
    for (let n = 1; n <= 300; n += 3) {
      await refuse(before, n, n + 2);
      await before.drained();
    }
    await before.close();
    let found = 0;
    for (const name of place.segmentNames()) place.damage(name, (bytes) => void (found += [...scanFrames(bytes)].length));
    expect(bus.stored).toHaveLength(300);
    const journal = await place.open({ bus });
    expect(journal.recovery).toMatchObject({ damaged: [], torn: [] });
    expect(journal.recovery.records).toBeLessThan(found);
    await journal.drained();
    expect(bus.batches.flat()).toHaveLength(300);
  });

  it('ships everything again and says so when it has lost its position', async () => {
    await leave(1, 5);
    place.damage(POSITION_FILE, () => Buffer.from('{"generation":'));
    const journal = await place.open({ bus });
    expect(journal.recovery).toMatchObject({ records: 5, damaged: [{ segment: POSITION_FILE }] });
    await journal.drained();
    expect(seqs(bus.stored)).toEqual([1, 2, 3, 4, 5]);
  });

  it('clears away what was never finished', async () => {
    writeFileSync(join(place.folder, '00000009.segment.new'), 'half');
    const journal = await place.open();
    await refuse(journal, 1, 1);
    expect(place.segmentNames()).toEqual([first]);
  });

  it('carries on from one owner to the next without mixing their numbers', async () => {
    for (let owner = 0; owner < 5; owner += 1) await leave(owner * 10 + 1, owner * 10 + 10);
    expect((await place.kept()).map((one) => one.record)).toEqual(numbers(1, 50).map((n) => aRefusal(n)));
    expect(seqs(await place.kept())).toEqual([1, 2, 3, 4, 5].flatMap(() => numbers(1, 10)));
  });

  it('refuses a folder that is open', async () => {
    await place.open();
    await expect(place.open()).rejects.toMatchObject({ code: 'journal_file.in_use' });
  });
});
