import type { SequencedRecord } from '@sallyport/audit';

import type { Frame } from './frame.js';
import { isAfter, type JournalPosition } from './journal-position.js';
import { readSegment, recordOf } from './segment-content.js';
import type { Segment, SegmentPool } from './segment-pool.js';
import type { WrittenTail } from './written-tail.js';

/** Records to be published together, in order. */
export interface Shipment {
  readonly records: readonly SequencedRecord[];
  /** The place of the last of them. */
  readonly last: JournalPosition;
}

/** The most one shipment may hold. */
export interface ShipmentBounds {
  readonly records: number;
  readonly bytes: number;
}

interface LoadedFrames {
  readonly segment: Segment;
  readonly buffer: Buffer;
  readonly frames: readonly Frame[];
  next: number;
}

/** What is kept and not yet acknowledged, read from memory while shipping keeps up, else from the segments. */
export class Backlog {
  private loaded: LoadedFrames | null = null;
  private held: SequencedRecord | null = null;

  constructor(
    private readonly segments: SegmentPool,
    private readonly tail: WrittenTail,
    private readonly generation: number,
    private acknowledgedTo: JournalPosition,
  ) {}

  get acknowledged(): JournalPosition {
    return this.acknowledgedTo;
  }

  /** The last record that waits, or the last that was acknowledged when none does. */
  get newest(): JournalPosition {
    const { liveSegments } = this.segments;
    for (let index = liveSegments.length - 1; index >= 0; index -= 1) {
      const last = liveSegments[index]?.last ?? null;
      if (last !== null) return isAfter(last, this.acknowledgedTo) ? last : this.acknowledgedTo;
    }
    return this.acknowledgedTo;
  }

  /** Whether everything in the journal is acknowledged. */
  get isEmpty(): boolean {
    return this.segments.firstAfter(this.acknowledgedTo) === null;
  }

  /** When the oldest record that waits was made, Unix milliseconds; `null` when none waits. */
  get oldestAtMs(): number | null {
    const segment = this.segments.firstAfter(this.acknowledgedTo);
    if (segment === null) return null;
    if (this.held !== null) return this.held.record.at;
    const { first } = this.tail;
    const isNext = segment.last?.generation === this.generation && first !== undefined && first.localSeq === this.nextSeq;
    return isNext ? first.record.at : segment.firstAtMs;
  }

  /** The records that come next; `null` when none waits. Asking again gives the same until they are acknowledged. */
  async next(bounds: ShipmentBounds): Promise<Shipment | null> {
    for (;;) {
      const segment = this.segments.firstAfter(this.acknowledgedTo);
      if (segment === null || segment.last === null) return null;
      const shipment = this.fromMemory(segment.last, bounds) ?? (await this.fromDisk(segment, bounds));
      this.held = shipment.records[0] ?? null;
      if (shipment.records.length > 0) return shipment;
      this.acknowledge(shipment.last);
    }
  }

  acknowledge(last: JournalPosition): void {
    this.acknowledgedTo = last;
    this.held = null;
    if (last.generation === this.generation) this.tail.forgetThrough(last.seq);
    if (this.loaded !== null && this.segments.firstAfter(last) !== this.loaded.segment) this.loaded = null;
  }

  /** The number of this generation's first record that is not acknowledged. */
  private get nextSeq(): number {
    return this.acknowledgedTo.generation === this.generation ? this.acknowledgedTo.seq + 1 : 1;
  }

  private fromMemory(last: JournalPosition, bounds: ShipmentBounds): Shipment | null {
    if (last.generation !== this.generation) return null;
    const records = this.tail.from(this.nextSeq, bounds.records, bounds.bytes);
    const newest = records?.at(-1);
    if (records === null || newest === undefined) return null;
    return { records, last: { generation: this.generation, seq: newest.localSeq } };
  }

  private async fromDisk(segment: Segment, bounds: ShipmentBounds): Promise<Shipment> {
    const reach = segment.last ?? this.acknowledgedTo;
    const loaded = await this.load(segment);
    const records: SequencedRecord[] = [];
    let last = this.acknowledgedTo;
    let bytes = 0;
    for (let index = loaded.next; index < loaded.frames.length && records.length < bounds.records; index += 1) {
      const frame = loaded.frames[index];
      if (frame === undefined || (bytes + frame.payloadBytes > bounds.bytes && records.length > 0)) break;
      bytes += frame.payloadBytes;
      last = { generation: frame.generation, seq: frame.seq };
      const record = recordOf(loaded.buffer, frame);
      if (record !== null) records.push(record);
    }
    return { records, last: last === this.acknowledgedTo ? reach : last };
  }

  /** The segment's frames, with `next` at the first that is not acknowledged. Read again when more has been written since. */
  private async load(segment: Segment): Promise<LoadedFrames> {
    let loaded = this.loaded?.segment === segment ? this.loaded : null;
    if (loaded !== null) skipAcknowledged(loaded, this.acknowledgedTo);
    if (loaded === null || loaded.next >= loaded.frames.length) {
      const buffer = await segment.file.read(0, segment.written);
      const { frames } = readSegment(segment.name, buffer, this.acknowledgedTo);
      loaded = { segment, buffer, frames, next: 0 };
    }
    this.loaded = loaded;
    return loaded;
  }
}

function skipAcknowledged(loaded: LoadedFrames, acknowledged: JournalPosition): void {
  for (let frame = loaded.frames[loaded.next]; frame !== undefined && !isAfter(frame, acknowledged); frame = loaded.frames[loaded.next]) {
    loaded.next += 1;
  }
}
