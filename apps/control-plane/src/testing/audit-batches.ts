import type { SequencedRecord } from '@sallyport/audit';
import type { OrganisationId } from '@sallyport/kernel';

import { aCompleted, aDecided, sequenced } from './decision-records.js';

/** How many calls `auditBatches` are of. */
export const BATCHED_CALLS = 440;

/** So many records take the sequencer several statements. */
const LARGE_BATCH = 300;

/** The same batches each time, of uneven sizes with a large one among them, of one worker's records. */
export function auditBatches(organisationId: OrganisationId): readonly (readonly SequencedRecord[])[] {
  const records = sequenced(...Array.from({ length: BATCHED_CALLS }, (_, n) => [aDecided(organisationId, n), aCompleted(organisationId, n)]).flat());
  const batches: (readonly SequencedRecord[])[] = [];
  for (let from = 0, size = 1; from < records.length; from += size, size = batches.length === 6 ? LARGE_BATCH : (size * 7) % 41 || 1) batches.push(records.slice(from, from + size));
  return batches;
}
