import type { JournalRecord } from '@sallyport/audit';

import { frameSpace, placePayload, sealFrames, type FrameSpace, type FrameTemplate } from './frame.js';
import type { TrackedDecision } from './unended-decisions.js';

/** A record on its way to the disk. */
export interface BatchItem {
  readonly record: JournalRecord;
  /** What it takes up in a segment, as `frameBytes` says. */
  readonly bytes: number;
  /** The admitted decision it begins or ends; `null` for a refusal and for a note. */
  readonly tracked: TrackedDecision | null;
}

const FIRST_BYTES = 16_384;

/** Records that are written together, in one write: all of them are kept or none. */
export class Batch {
  readonly items: BatchItem[] = [];
  /** Resolves when the batch is kept; shared by everyone who waits for one of its decisions. */
  readonly down: Promise<void>;
  /** Whether the write must reach stable storage. */
  isDurable = false;
  /** Whether someone waits for it; a batch of completions alone waits for company. */
  isWanted = false;
  private space: FrameSpace;
  private end = 0;
  private settle: { resolve: () => void; reject: (reason: Error) => void };

  constructor(buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)) {
    this.space = frameSpace(buffer);
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

  /** @param encoded The record, as `RecordEncoder` writes it; copied. */
  add(item: BatchItem, encoded: Uint8Array): void {
    const needed = this.end + item.bytes;
    if (needed > this.space.bytes.length) this.grow(needed);
    this.end = placePayload(this.space, this.end, encoded);
    this.items.push(item);
  }

  /** The bytes to write, numbered from `firstSeq`. */
  seal(template: FrameTemplate, firstSeq: number): Buffer {
    sealFrames(this.space, this.end, template, firstSeq);
    return this.space.bytes.subarray(0, this.end);
  }

  kept(): void {
    this.settle.resolve();
  }

  refused(reason: Error): void {
    this.settle.reject(reason);
  }

  /** The buffer, for the next batch; this one is not to be used again. */
  takeBuffer(): Buffer {
    return this.space.bytes;
  }

  private grow(needed: number): void {
    const { bytes } = this.space;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, bytes.length * 2));
    bytes.copy(larger, 0, 0, this.end);
    this.space = frameSpace(larger);
  }
}
