import { describe, expect, it } from 'vitest';

import { journalFault } from '../journal-faults.js';
import { aCompleted, aDecided } from './a-record.js';
import { journalContract } from './journal.contract.js';
import { MemoryJournal } from './memory-journal.js';

journalContract('memory', () => {
  let journal = new MemoryJournal();
  return {
    open: async (size) => {
      journal = new MemoryJournal(size === 'small' ? { maxRecords: 40 } : {});
      return journal;
    },
    kept: async () => journal.records,
  };
});

describe('memory journal', () => {
  it('stays within its bound when every call it admitted has ended', async () => {
    const journal = new MemoryJournal({ maxRecords: 9 });
    let admitted = 0;
    for (let n = 1; n <= 9; n += 1) await journal.decided(aDecided(n), 'process').then(() => (admitted = n), () => {});
    for (let n = 1; n <= admitted; n += 1) journal.completed(aCompleted(n));
    expect([admitted, journal.records.length]).toEqual([4, 8]);
  });

  it('fails and heals as a test tells it', async () => {
    const journal = new MemoryJournal();
    journal.failWith(journalFault.broken('no disk'));
    await expect(journal.decided(aDecided(1), 'disk')).rejects.toMatchObject({ code: 'journal.broken' });
    journal.failWith(null);
    await journal.decided(aDecided(1), 'disk');
    expect(journal.records).toHaveLength(1);
  });
});
