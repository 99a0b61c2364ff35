import type { Publication } from '@sallyport/broker';

/** What one request takes, uncompressed: Kafka's default bound of a batch, less its overhead. */
const LOAD_BYTES = 1_000_000;
const LOAD_RECORDS = 5_000;
/** What a record costs beside its key and value. */
const RECORD_OVERHEAD_BYTES = 24;

interface Call {
  readonly records: readonly Publication[];
  readonly bytes: number;
  resolve(): void;
  reject(fault: unknown): void;
}

/**
 * The publishing of one topic: one request under way at a time, so that a repeated request cannot overtake another. What comes
 * meanwhile goes together in the next.
 */
export class PublishQueue {
  private waiting: readonly Call[] = [];
  private sending: Promise<void> | null = null;

  /** @param send Resolves when all records of the load are acknowledged. */
  constructor(private readonly send: (records: readonly Publication[]) => Promise<void>) {}

  /** Resolves when every record is acknowledged, after all that were pushed before. */
  push(records: readonly Publication[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      this.waiting = [...this.waiting, { records, bytes: sizeOf(records), resolve, reject }];
      this.sending ??= this.sendAll();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.sending;
  }

  private async sendAll(): Promise<void> {
    await Promise.resolve(); // what is pushed in the same turn goes together
    while (this.waiting.length > 0) {
      const calls = this.takeCalls();
      try {
        for (const load of loadsOf(calls.flatMap(({ records }) => records))) await this.send(load);
        for (const call of calls) call.resolve();
      } catch (fault) {
        for (const call of calls) call.reject(fault);
      }
    }
    this.sending = null;
  }

  /** As many calls as fit into one load; one that is larger goes alone, in several. */
  private takeCalls(): readonly Call[] {
    let [bytes, records, count] = [0, 0, 0];
    for (const call of this.waiting) {
      bytes += call.bytes;
      records += call.records.length;
      if (count > 0 && (bytes > LOAD_BYTES || records > LOAD_RECORDS)) break;
      count += 1;
    }
    const calls = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    return calls;
  }
}

function loadsOf(records: readonly Publication[]): readonly (readonly Publication[])[] {
  const loads: Publication[][] = [[]];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf([record]);
    const load = loads.at(-1) ?? [];
    if (load.length > 0 && (bytes + size > LOAD_BYTES || load.length >= LOAD_RECORDS)) {
      loads.push([record]);
      bytes = size;
    } else {
      load.push(record);
      bytes += size;
    }
  }
  return loads;
}

/** Bytes of records as they are before compression, about. */
export function sizeOf(records: readonly Publication[]): number {
  return records.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES, 0);
}
