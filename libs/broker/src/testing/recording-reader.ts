import type { Fault } from '@sallyport/kernel';

import type { BrokerRecord } from '../broker.js';

/** Keeps what a follower or a consumer was given, and lets a test wait for it. */
export class RecordingReader {
  readonly records: BrokerRecord[] = [];
  readonly faults: Fault[] = [];
  /** How many batches it will refuse before it takes one. */
  refusing = 0;
  private waiting: (() => void)[] = [];

  readonly onBatch = (records: readonly BrokerRecord[]): void => {
    if (this.refusing > 0) {
      this.refusing -= 1;
      this.wake();
      throw new Error('refused on purpose');
    }
    this.records.push(...records);
    this.wake();
  };

  readonly onFault = (fault: Fault): void => {
    this.faults.push(fault);
    this.wake();
  };

  /** The values so far as text, null for none. */
  get texts(): readonly (string | null)[] {
    return this.records.map(({ value }) => (value === null ? null : Buffer.from(value).toString('utf8')));
  }

  /** Resolves when the claim holds; rejects after `withinMs` with what was seen last. */
  async until(claim: (reader: RecordingReader) => boolean, withinMs = 30_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!claim(this)) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`after ${withinMs} ms there were ${this.records.length} records and faults ${this.faults.map(({ code, message }) => `${code}: ${message}`).join('; ')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}
