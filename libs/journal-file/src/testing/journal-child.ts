import { randomUUID } from 'node:crypto';
import { appendFileSync, writeSync } from 'node:fs';

import type { AuditBus, CompletedRecord, DecidedRecord } from '@sallyport/audit';
import { branded, type Clock } from '@sallyport/kernel';

import { openFileJournal } from '../open-file-journal.js';

/**
 * A process that writes a journal as fast as it can until it is killed. Arguments: the folder, a file to publish to, a `decided`
 * and a `completed` record to vary, as JSON. It prints `ready` and then each decision's id, once the journal says it is kept.
 */
const [folder = '', busPath = '', decidedText = '', completedText = ''] = process.argv.slice(2);
const decided = JSON.parse(decidedText) as DecidedRecord;
const completed = JSON.parse(completedText) as CompletedRecord;
const WRITERS = 6;

const clock: Clock = { now: () => branded(Date.now()), monotonicMs: () => performance.now() };
const bus: AuditBus = {
  publish: async (batch) => appendFileSync(busPath, batch.map((record) => `\n${JSON.stringify(record)}`).join('')),
};
const journal = await openFileJournal({
  folder,
  incarnation: randomUUID(),
  clock,
  bus,
  segmentBytes: 65_536,
  maxBytes: 67_108_864,
  lingerMs: 1,
  onBroken: () => process.exit(3),
});
writeSync(1, 'ready\n');
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeForEver(writer)));

async function writeForEver(writer: number): Promise<void> {
  for (let call = 0; ; call += 1) {
    const decisionId = branded<DecidedRecord['decisionId']>(randomUUID());
    await journal.decided({ ...decided, decisionId, at: clock.now() }, (call + writer) % 3 === 0 ? 'disk' : 'process');
    writeSync(1, `${decisionId}\n`);
    if (call % 5 !== 0) journal.completed({ ...completed, decisionId, at: clock.now() });
  }
}
