import type { JournalRecord } from '@sallyport/audit';

import { frameBytes, placePayload, sealFrames } from './frame.js';
import type { TrackedDecision } from './unended-decisions.js';

/** A record on its way to the disk. */
export interface BatchItem {
  readonly record: JournalRecord;
  /** ASCII alone, as `RecordEncoder` writes it. */
  readonly text: string;
  /** What it takes up in a segment, as `recordBytes` says. */
  readonly bytes: number;
  /** The admitted decision it begins or ends; `null` for a refusal and for a note. */
  readonly tracked: TrackedDecision | null;
}

const FIRST_BYTES = 16_384;

/** What a record's text, which is ASCII alone, takes up in a segment. */
export function recordBytes(text: string): number {
  return frameBytes(text.length);
}

/** Records that are written together, in one write: all of them are kept or none. */
export class Batch {
  readonly items: BatchItem[] = [];
  /** Resolves when the batch is kept; shared by everyone who waits for one of its decisions. */
  readonly down: Promise<void>;
  /** Whether the write must reach stable storage. */
  isDurable = false;
  /** Whether someone waits for it; a batch of completions alone waits for company. */
  isWanted = false;
  private end = 0;
  private settle: { resolve: () => void; reject: (reason: Error) => void };

  constructor(private buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)) {
    let settle: typeof this.settle | undefined;
    this.down = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.settle = settle ?? { resolve: () => {}, reject: () => {} };
    this.down.catch(() => {}); // a batch of completions has nobody who waits, and that is no unhandled rejection
  }

  get bytes(): number {
    return this.end;
  }

  add(item: BatchItem): void {
    const needed = this.end + item.bytes;
    if (needed > this.buffer.length) this.grow(needed);
    this.end = placePayload(this.buffer, this.end, item.text);
    this.items.push(item);
  }

  /** The bytes to write, numbered from `firstSeq`. */
  seal(template: Buffer, firstSeq: number): Buffer {
    sealFrames(this.buffer, this.end, template, firstSeq);
    return this.buffer.subarray(0, this.end);
  }

  kept(): void {
    this.settle.resolve();
  }

  refused(reason: Error): void {
    this.settle.reject(reason);
  }

  /** The buffer, for the next batch; this one is not to be used again. */
  takeBuffer(): Buffer {
    return this.buffer;
  }

  private grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}
