import { journalFault, type CompletedRecord, type DecidedRecord, type Journal, type JournalCondition, type JournalDurability, type NotedRecord } from '@sallyport/audit';
import type { Fault } from '@sallyport/kernel';

import { abandonedRecord } from './abandoned-record.js';
import { Backlog } from './backlog.js';
import type { Batch, BatchItem } from './batch.js';
import { BatchWriter } from './batch-writer.js';
import type { CompleteOptions } from './file-journal-options.js';
import { frameBytes, frameTemplate } from './frame.js';
import { saysNoSpace } from './journal-file-faults.js';
import type { JournalStats } from './journal-stats.js';
import { NoteRoom } from './note-room.js';
import { writePositionFile } from './position-file.js';
import type { RecoveredFolder, RecoveryReport } from './recover-folder.js';
import { RecordEncoder } from './record-encoder.js';
import { SegmentPool } from './segment-pool.js';
import { Shipper } from './shipper.js';
import { completionBytes, UnendedDecisions } from './unended-decisions.js';
import { WrittenTail } from './written-tail.js';

const SHIPMENT_BOUNDS = { records: 500, bytes: 262_144 };
const LARGEST_BATCH_BYTES = 262_144;
const REMEMBER_EVERY_MS = 1_000;

/** A journal on a local disk. Opened by `openFileJournal`. */
export class FileJournal implements Journal {
  readonly incarnation: string;
  /** What was found when the folder was opened. */
  readonly recovery: RecoveryReport;
  private readonly encoder = new RecordEncoder();
  private readonly unended = new UnendedDecisions();
  private readonly tail = new WrittenTail();
  private readonly notes: NoteRoom;
  private readonly segments: SegmentPool;
  private readonly writer: BatchWriter;
  private readonly backlog: Backlog;
  private readonly shipper: Shipper | null;
  private readonly generation: number;
  private forgotten: RecoveredFolder['state']['forgotten'];
  private stopped: Fault | null = null;
  private written = 0;
  private shipped = 0;
  private refusedCount = 0;
  private wasDurable = false;
  private rememberedAtMs: number;
  private remembering: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly options: CompleteOptions,
    private readonly recovered: RecoveredFolder,
    private readonly unlock: () => void,
  ) {
    const { state } = recovered;
    this.incarnation = options.incarnation;
    this.recovery = recovered.report;
    this.generation = state.generation + 1;
    this.forgotten = state.forgotten;
    this.rememberedAtMs = options.clock.monotonicMs();
    this.notes = new NoteRoom(options.maxBytes);
    this.segments = new SegmentPool(options, recovered.segments, recovered.idle);
    this.writer = this.makeWriter();
    this.backlog = new Backlog(this.segments, this.tail, this.generation, state.acknowledged);
    this.shipper = this.makeShipper();
  }

  /** Takes the folder over: remembers the new generation, ends what the last owner left open, ships what it had not. */
  async begin(): Promise<void> {
    for (const orphan of this.recovered.orphans) {
      this.unended.track(orphan, { isDurable: true, atMs: 0, isKept: true });
      this.completed(abandonedRecord(orphan, this.options.clock.now()));
    }
    await this.remember().catch((caught: unknown) => this.tolerateNoSpace(caught));
    if (this.segments.freeCount === 0) await this.segments.provide().catch((caught: unknown) => this.tolerateNoSpace(caught));
    await this.writer.flush().catch((caught: unknown) => this.tolerateNoSpace(caught));
    if (!this.backlog.isEmpty) this.shipper?.wake(true);
  }

  decided(record: DecidedRecord, durability: JournalDurability): Promise<void> {
    const encoded = this.encoder.decided(record);
    const bytes = frameBytes(encoded.length);
    const refusal = this.refusal(record, bytes);
    if (refusal !== null) return this.refuse(refusal);
    const isDurable = durability === 'disk';
    this.wasDurable = isDurable;
    const tracked = record.effect === 'allow' ? this.unended.track(record, { isDurable, atMs: record.at, isKept: false }) : null;
    return this.writer.decide({ record, bytes, tracked }, encoded, isDurable);
  }

  completed(record: CompletedRecord): void {
    if (this.stopped !== null) return;
    const tracked = this.unended.end(record.decisionId);
    if (tracked === null) return;
    const encoded = this.encoder.completed(record);
    this.writer.complete({ record, bytes: frameBytes(encoded.length), tracked }, encoded, tracked.isDurable);
  }

  /** As durable as the last decision: an undurable write would cost the next durable one a second disk operation. */
  noted(record: NotedRecord): void {
    if (this.stopped !== null) return;
    const encoded = this.encoder.noted(record);
    const bytes = frameBytes(encoded.length);
    if (this.notes.take(bytes, this.writer.isOutOfSpace ? Infinity : this.heldBytes + bytes)) this.writer.complete({ record, bytes, tracked: null }, encoded, this.wasDurable);
  }

  condition(): JournalCondition {
    const fullShare = Math.min(1, this.heldBytes / this.options.maxBytes);
    return { fullShare, refusedDecisions: this.refusedCount, droppedNotes: this.notes.droppedCount, unshippedRecords: this.unshippedCount, oldestUnshippedAtMs: this.backlog.oldestAtMs };
  }

  async flush(): Promise<void> {
    await this.writer.flush();
  }

  arrived(): Promise<void> {
    if (this.shipper === null) return Promise.reject(journalFault.broken('a journal without a bus reaches nobody'));
    return this.shipper.arrived(this.backlog.newest);
  }

  /** Resolves when everything handed in so far is stored on the other side of the bus, and that is remembered. */
  async drained(): Promise<void> {
    if (this.shipper === null) throw journalFault.broken('a journal without a bus cannot drain');
    await this.writer.flush();
    await this.shipper.drained(this.backlog.newest);
  }

  /**
   * Completes as `abandoned` what was decided more than `olderThanMs` ago and never completed; how many. For a caller that lost
   * count: the journal itself never gives a call up while its process lives.
   */
  sweepAbandoned(olderThanMs: number): number {
    const now = this.options.clock.now();
    const lost = this.unended.decidedBefore(now - olderThanMs);
    for (const decision of lost) this.completed(abandonedRecord(decision, now));
    return lost.length;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const wasWorking = this.stopped === null;
    this.stopped ??= journalFault.broken('the journal is closed');
    try {
      if (wasWorking) await this.writer.flush();
    } finally {
      this.stop(this.stopped);
      if (wasWorking) await this.remember().catch((caught: unknown) => this.tolerateNoSpace(caught));
      await this.segments.close();
      this.unlock();
    }
  }

  /** Figures for metrics. */
  stats(): JournalStats {
    return {
      queuedRecords: this.writer.queuedRecords,
      usedBytes: this.segments.usedBytes,
      maxBytes: this.options.maxBytes,
      batches: this.writer.batchCount,
      records: this.written,
      unendedDecisions: this.unended.count,
      liveSegments: this.segments.liveSegments.length,
      freeSegments: this.segments.freeCount,
      shippingFailures: this.shipper?.failureCount ?? 0,
      refusedDecisions: this.refusedCount,
      droppedNotes: this.notes.droppedCount,
      isBroken: this.stopped !== null,
    };
  }

  private get unshippedCount(): number {
    return this.backlog.isEmpty ? 0 : this.recovered.unshipped + this.written - this.shipped;
  }

  /** What is written and not yet shipped, what is on its way, and what is reserved for completions, bytes. */
  private get heldBytes(): number {
    return this.segments.usedBytes + this.writer.queuedBytes + this.unended.reservedBytes;
  }

  private refuse(refusal: Fault): Promise<never> {
    if (refusal.code === 'journal.full') this.refusedCount += 1;
    return Promise.reject(refusal);
  }

  private refusal(record: DecidedRecord, bytes: number): Fault | null {
    const { segmentBytes, maxRecordBytes, maxBytes, maxOutageMs } = this.options;
    if (this.stopped !== null) return this.stopped;
    if (bytes > segmentBytes) return journalFault.too_large(`a record of ${bytes} bytes does not fit a segment`);
    if (bytes > maxRecordBytes) return journalFault.too_large(`a record of ${bytes} bytes is more than the bus takes`);
    const wanted = this.heldBytes + (record.effect === 'allow' ? completionBytes(record) : 0) + bytes;
    if (wanted > maxBytes) return journalFault.full(`the journal holds ${this.segments.usedBytes} of ${maxBytes} bytes`);
    if (this.writer.isOutOfSpace) return journalFault.full('the file system of the journal has no space');
    const isCutOff = this.shipper !== null && this.shipper.failingForMs > maxOutageMs;
    return isCutOff ? journalFault.full(`nothing could be shipped for ${maxOutageMs} ms`) : null;
  }

  private makeWriter(): BatchWriter {
    const { clock, scheduler, segmentBytes, lingerMs, incarnation } = this.options;
    return new BatchWriter({
      segments: this.segments,
      generation: this.generation,
      template: frameTemplate(incarnation, this.generation),
      clock,
      scheduler,
      lingerMs,
      batchBytes: Math.min(LARGEST_BATCH_BYTES, segmentBytes / 2),
      encode: (record) => this.encoder.completed(record),
      onKept: (batch, firstSeq) => this.noteKept(batch, firstSeq),
      onRefused: (items) => this.noteRefused(items),
      onBroken: (fault) => this.break(fault),
    });
  }

  private makeShipper(): Shipper | null {
    const { bus, clock, scheduler, lingerMs, random } = this.options;
    if (bus === null) return null;
    return new Shipper({
      backlog: this.backlog,
      bus,
      clock,
      scheduler,
      lingerMs,
      random,
      bounds: SHIPMENT_BOUNDS,
      onAcknowledged: (records, isUrgent) => this.noteAcknowledged(records, isUrgent),
      onBroken: (caught) => this.break(journalFault.broken('the journal cannot read or remember', {}, caught)),
    });
  }

  private noteKept(batch: Batch, firstSeq: number): void {
    let localSeq = firstSeq;
    for (const { record, bytes, tracked } of batch.items) {
      if (this.shipper !== null) this.tail.push({ incarnation: this.incarnation, localSeq, record }, bytes);
      if (record.kind === 'noted') this.notes.kept(localSeq, bytes);
      localSeq += 1;
      if (tracked === null) continue;
      if (record.kind === 'decided') tracked.isKept = true;
      else this.unended.drop(tracked);
    }
    this.written += batch.items.length;
    this.shipper?.wake(this.written - this.shipped >= SHIPMENT_BOUNDS.records);
  }

  private noteRefused(items: readonly BatchItem[]): void {
    for (const { record, bytes, tracked } of items) {
      if (record.kind === 'noted') this.notes.lost(bytes);
      else this.refusedCount += 1;
      if (tracked !== null) this.unended.drop(tracked);
    }
  }

  private async noteAcknowledged(records: number, isUrgent: boolean): Promise<void> {
    this.shipped += records;
    const { acknowledged } = this.backlog;
    if (acknowledged.generation === this.generation) this.notes.shippedThrough(acknowledged.seq);
    const passed = this.segments.passedBy(acknowledged);
    const isDue = this.options.clock.monotonicMs() - this.rememberedAtMs >= REMEMBER_EVERY_MS;
    if (passed.length === 0 && !isDue && !isUrgent) return;
    this.forgotten = passed.at(-1)?.last ?? this.forgotten;
    try {
      await this.remember();
    } catch (caught) {
      return this.tolerateNoSpace(caught);
    }
    if (this.stopped === null) this.segments.release(passed);
  }

  /** One at a time: the last to begin has the newest state. */
  private remember(): Promise<void> {
    this.remembering = this.remembering.catch(() => {}).then(() => this.writeState()); // its own caller was told of that failure
    return this.remembering;
  }

  private async writeState(): Promise<void> {
    const { files, folder, clock } = this.options;
    const { generation, forgotten } = this;
    const acknowledged = this.backlog.acknowledged;
    await writePositionFile(files, folder, { generation, forgotten, acknowledged, unended: this.unended.kept() });
    this.rememberedAtMs = clock.monotonicMs();
  }

  private tolerateNoSpace(caught: unknown): void {
    const isFull = saysNoSpace(caught) || (caught instanceof Error && 'code' in caught && caught.code === 'journal.full');
    if (!isFull) throw caught;
  }

  private stop(fault: Fault): void {
    this.stopped = fault;
    this.writer.stop(fault);
    this.shipper?.stop(fault);
  }

  private break(fault: Fault): void {
    if (this.stopped !== null) return;
    this.stop(fault);
    this.options.onBroken(fault);
  }
}
