import type { SequencedRecord } from '@sallyport/audit';

const MOST_RECORDS = 8_192;
const COMPACT_AFTER = 4_096;

/**
 * The newest records, still in memory, so that shipping need not read back what was just written. When shipping falls behind, the
 * oldest are let go; they are in the segments.
 */
export class WrittenTail {
  private records: SequencedRecord[] = [];
  private sizes: number[] = [];
  private start = 0;

  push(record: SequencedRecord, bytes: number): void {
    this.records.push(record);
    this.sizes.push(bytes);
    if (this.records.length - this.start > MOST_RECORDS) this.start += 1;
    this.compact();
  }

  /** The oldest record held. */
  get first(): SequencedRecord | undefined {
    return this.records[this.start];
  }

  /** Up to `most` records and `mostBytes` bytes from number `localSeq` on, at least one; `null` when that one is not held. */
  from(localSeq: number, most: number, mostBytes: number): SequencedRecord[] | null {
    const first = this.first;
    if (first === undefined || localSeq < first.localSeq) return null;
    const begin = this.start + localSeq - first.localSeq;
    let end = begin;
    for (let bytes = 0; end < this.records.length && end - begin < most; end += 1) {
      bytes += this.sizes[end] ?? 0;
      if (bytes > mostBytes && end > begin) break;
    }
    return end === begin ? null : this.records.slice(begin, end);
  }

  /** Lets go of everything up to number `localSeq`. */
  forgetThrough(localSeq: number): void {
    const first = this.first;
    if (first === undefined || localSeq < first.localSeq) return;
    this.start = Math.min(this.records.length, this.start + localSeq - first.localSeq + 1);
    this.compact();
  }

  private compact(): void {
    if (this.start < COMPACT_AFTER && this.start < this.records.length) return;
    this.records = this.records.slice(this.start);
    this.sizes = this.sizes.slice(this.start);
    this.start = 0;
  }
}
