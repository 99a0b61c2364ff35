import type { SequencedRecord } from '../decision-record.js';
import type { AuditBus } from '../journal.js';

/** A bus that stores in memory, each record once, and refuses when it is told to. */
export class MemoryAuditBus implements AuditBus {
  /** Every batch that was taken, as it came. */
  readonly batches: (readonly SequencedRecord[])[] = [];
  private readonly byPlace = new Map<string, SequencedRecord>();
  private refusing: Error | null = null;
  private refusals = 0;

  /** What is stored, in the order of arrival, without repeats. */
  get stored(): readonly SequencedRecord[] {
    return [...this.byPlace.values()];
  }

  /** How many batches were refused. */
  get refusedCount(): number {
    return this.refusals;
  }

  /** From now on every batch is refused with `reason`; `null`: taken again. */
  refuseWith(reason: Error | null): void {
    this.refusing = reason;
  }

  async publish(batch: readonly SequencedRecord[]): Promise<void> {
    if (this.refusing !== null) {
      this.refusals += 1;
      throw this.refusing;
    }
    this.batches.push(batch);
    for (const record of batch) {
      const place = `${record.incarnation}/${record.localSeq}`;
      if (!this.byPlace.has(place)) this.byPlace.set(place, record);
    }
  }
}
