import { journalFault, type CompletedRecord } from '@sallyport/audit';
import type { Clock, Fault, Scheduler } from '@sallyport/kernel';

import { Batch, type BatchItem } from './batch.js';
import type { FrameTemplate } from './frame.js';
import { saysNoSpace } from './journal-file-faults.js';
import type { Segment, SegmentPool } from './segment-pool.js';

/** What a batch writer works with and tells. */
export interface BatchWriterOptions {
  readonly segments: SegmentPool;
  readonly generation: number;
  /** Header of every frame, as `frameTemplate` makes it. */
  readonly template: FrameTemplate;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** The most a batch gathers before another is begun, bytes. */
  readonly batchBytes: number;
  /** How long a completion waits for company, milliseconds. */
  readonly lingerMs: number;
  /** A completion once more, as it was handed in. */
  encode(record: CompletedRecord): Uint8Array;
  /** A batch is kept: its items bear the numbers from `firstSeq` on. */
  onKept(batch: Batch, firstSeq: number): void;
  /** Decisions and notes that were taken on but could not be kept; callers of decisions have been told. */
  onRefused(items: readonly BatchItem[]): void;
  /** An error that is not a lack of space. Called once. */
  onBroken(fault: Fault): void;
}

const RETRY_MS = 1_000;
const LARGEST_REUSED_BUFFER = 1 << 20;

/**
 * Group commit. One batch is written at a time, whole, in one write; records that come meanwhile gather in the next, which leaves
 * when the last is down. A batch that must survive a loss of power goes through an O_DSYNC descriptor off the loop; any other is
 * written as soon as whoever hands decisions in has ended its step: all decisions of one step share a write.
 */
export class BatchWriter {
  private queue: Batch[] = [];
  private inFlight: Batch | null = null;
  private isBusy = false;
  private isScheduled = false;
  private isLingering = false;
  private spareBuffer: Buffer | null = null;
  private nextSeq = 1;
  private broken: Fault | null = null;
  private noSpaceUntilMs: number | null = null;
  private batches = 0;

  constructor(private readonly options: BatchWriterOptions) {}

  get batchCount(): number {
    return this.batches;
  }

  get queuedRecords(): number {
    return this.queue.reduce((sum, batch) => sum + batch.items.length, this.inFlight?.items.length ?? 0);
  }

  get queuedBytes(): number {
    let bytes = this.inFlight?.bytes ?? 0;
    for (const batch of this.queue) bytes += batch.bytes;
    return bytes;
  }

  /** Whether a lack of space was found a moment ago and nothing has changed since. */
  get isOutOfSpace(): boolean {
    if (this.noSpaceUntilMs === null || this.options.segments.freeCount > 0) return false;
    return this.options.clock.monotonicMs() < this.noSpaceUntilMs;
  }

  /** Queues a decision; resolves when it is kept. Completions that wait in the batch do not make it durable; decisions do. */
  decide(item: BatchItem, encoded: Uint8Array, isDurable: boolean): Promise<void> {
    const batch = this.batchFor(item);
    batch.add(item, encoded);
    batch.isDurable = isDurable || (batch.isDurable && batch.isWanted);
    batch.isWanted = true;
    this.schedule();
    return batch.down;
  }

  /** Queues a completion or a note: it leaves with the next decision, or when it has waited long enough. */
  complete(item: BatchItem, encoded: Uint8Array, isDurable: boolean): void {
    if (this.broken !== null) return;
    const batch = this.batchFor(item);
    batch.add(item, encoded);
    if (!batch.isWanted) batch.isDurable ||= isDurable;
    if (batch.isWanted || this.isLingering) return;
    this.isLingering = true;
    this.options.scheduler.after(this.options.lingerMs, () => {
      this.isLingering = false;
      this.flush().catch(() => {}); // whoever waits for a record is told by its batch; nobody waits for this flush
    });
  }

  /** Writes what is queued. Rejects with `journal.full` or `journal.broken` when it cannot be written. */
  flush(): Promise<void> {
    if (this.broken !== null) return Promise.reject(this.broken);
    const last = this.queue.at(-1) ?? this.inFlight;
    if (last === null) return Promise.resolve();
    last.isWanted = true;
    this.run();
    return last.down;
  }

  /** From now on nothing is written; whoever waits is told. */
  stop(fault: Fault): void {
    if (this.broken !== null) return;
    this.broken = fault;
    for (const batch of this.queue) batch.refused(fault);
    this.queue = [];
  }

  private batchFor(item: BatchItem): Batch {
    const last = this.queue.at(-1);
    if (last !== undefined && last.bytes + item.bytes <= this.options.batchBytes) return last;
    if (last !== undefined) last.isWanted = true;
    const batch = new Batch(this.spareBuffer ?? undefined);
    this.spareBuffer = null;
    this.queue.push(batch);
    return batch;
  }

  private schedule(): void {
    if (this.isScheduled || this.isBusy) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      this.run();
    });
  }

  private run(): void {
    while (!this.isBusy && this.broken === null) {
      const batch = this.queue[0];
      if (batch === undefined || !batch.isWanted) return;
      const segment = this.options.segments.place(batch.bytes);
      if (segment === null) return this.provideThenRun();
      this.queue.shift();
      this.inFlight = batch;
      if (batch.isDurable) return this.writeDurably(batch, segment);
      this.writeAtOnce(batch, segment);
    }
  }

  private writeAtOnce(batch: Batch, segment: Segment): void {
    try {
      segment.file.write(batch.seal(this.options.template, this.nextSeq), segment.written);
    } catch (caught) {
      return this.failed(batch, caught);
    }
    this.options.segments.wroteUnsynced(segment);
    this.landed(batch, segment);
  }

  /** What was only the kernel's before is brought down as well, so that nothing durable has a hole in front of it. */
  private writeDurably(batch: Batch, segment: Segment): void {
    const { segments, template } = this.options;
    this.isBusy = true;
    const bytes = batch.seal(template, this.nextSeq);
    const write = segments.hasUnsynced
      ? segments.sync().then(() => segment.file.writeDurably(bytes, segment.written))
      : segment.file.writeDurably(bytes, segment.written);
    write.then(
      () => {
        this.isBusy = false;
        this.landed(batch, segment);
        this.run();
      },
      (caught: unknown) => {
        this.isBusy = false;
        this.failed(batch, caught);
      },
    );
  }

  private landed(batch: Batch, segment: Segment): void {
    const { generation, segments } = this.options;
    const firstSeq = this.nextSeq;
    this.inFlight = null;
    this.nextSeq += batch.items.length;
    this.batches += 1;
    this.noSpaceUntilMs = null;
    segment.written += batch.bytes;
    if (segment.first === null) {
      segment.first = { generation, seq: firstSeq };
      segment.firstAtMs = batch.items[0]?.record.at ?? 0;
    }
    segment.last = { generation, seq: this.nextSeq - 1 };
    this.options.onKept(batch, firstSeq);
    batch.kept();
    const buffer = batch.takeBuffer();
    if (buffer.length <= LARGEST_REUSED_BUFFER) this.spareBuffer = buffer;
    if (segments.wantsSpare) segments.provide().catch((caught: unknown) => this.failedProviding(caught));
  }

  private provideThenRun(): void {
    this.isBusy = true;
    this.options.segments.provide().then(
      () => {
        this.isBusy = false;
        this.run();
      },
      (caught: unknown) => {
        this.isBusy = false;
        this.failed(null, caught);
      },
    );
  }

  /** A spare made ahead of need: a lack of space shows again when it is needed. */
  private failedProviding(caught: unknown): void {
    if (!saysNoSpace(caught)) this.failed(null, caught);
  }

  private failed(batch: Batch | null, caught: unknown): void {
    this.inFlight = null;
    if (batch !== null) this.queue.unshift(batch);
    if (saysNoSpace(caught)) this.refuseDecisions(journalFault.full('the file system of the journal has no space', {}, caught));
    else this.break(journalFault.broken('the journal cannot write', {}, caught));
  }

  private break(fault: Fault): void {
    if (this.broken !== null) return;
    this.stop(fault);
    this.options.onBroken(fault);
  }

  /** Tells everyone who waits, and keeps the completions for when there is space. */
  private refuseDecisions(fault: Fault): void {
    const { clock, scheduler } = this.options;
    const refused = this.queue;
    this.queue = [];
    this.noSpaceUntilMs = clock.monotonicMs() + RETRY_MS;
    for (const batch of refused) {
      this.options.onRefused(batch.items.filter((item) => item.record.kind !== 'completed'));
      for (const item of batch.items) if (item.record.kind === 'completed') this.requeue(item, this.options.encode(item.record));
      batch.refused(fault);
    }
    if (this.queue.length > 0) scheduler.after(RETRY_MS, () => void this.flush().catch(() => {})); // as above: the batch tells
  }

  private requeue(item: BatchItem, encoded: Uint8Array): void {
    const batch = this.batchFor(item);
    batch.add(item, encoded);
    batch.isDurable ||= item.tracked?.isDurable ?? false;
  }
}
