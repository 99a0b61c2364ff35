import { join } from 'node:path';

import { isAfter, type JournalPosition } from './journal-position.js';
import type { JournalFiles, SegmentFile } from './journal-files.js';

/** A preallocated file and what of it is in use. */
export interface Segment {
  readonly name: string;
  readonly file: SegmentFile;
  /** Bytes in use, from the start. */
  written: number;
  /** The first and last record in it; `null` while it holds none. */
  first: JournalPosition | null;
  last: JournalPosition | null;
  /** When its first record was decided or completed, Unix milliseconds. */
  firstAtMs: number;
}

/** How large segments are and how many may lie idle. */
export interface SegmentPoolOptions {
  readonly files: JournalFiles;
  readonly folder: string;
  readonly segmentBytes: number;
}

/** Free segments beyond this many are deleted, so that a burst does not keep its disk space for ever. */
const MOST_FREE = 4;

/** The ending of a segment's file name. */
export const SEGMENT_SUFFIX = '.segment';

/**
 * The files of a journal: live ones in the order of their records, the last of which is written to, and free ones to be used next.
 *
 *   free ──place──▶ live (current) ──full──▶ live (sealed) ──all acknowledged──▶ free
 */
export class SegmentPool {
  private readonly live: Segment[];
  private readonly free: SegmentFile[] = [];
  private readonly names = new WeakMap<SegmentFile, string>();
  private creating: Promise<void> | null = null;
  private current: Segment | null = null;
  private lastNumber: number;
  private sealedBytes: number;
  /** Segments written to since the last `syncSealed`, by writes that were not durable. */
  private unsynced = new Set<SegmentFile>();

  constructor(private readonly options: SegmentPoolOptions, recovered: readonly Segment[], idle: readonly { name: string; file: SegmentFile }[]) {
    this.live = [...recovered];
    this.sealedBytes = recovered.reduce((sum, segment) => sum + segment.file.bytes, 0);
    this.lastNumber = Math.max(0, ...[...recovered, ...idle].map((segment) => Number.parseInt(segment.name, 10)));
    for (const { name, file } of idle) {
      this.names.set(file, name);
      this.giveBack(file);
    }
  }

  /** Bytes taken up by live segments; a sealed one counts whole. */
  get usedBytes(): number {
    return this.sealedBytes + (this.current?.written ?? 0);
  }

  get liveSegments(): readonly Segment[] {
    return this.live;
  }

  get freeCount(): number {
    return this.free.length;
  }

  /** The segment the next `bytes` go to, a free one if the current has no room; `null` when one must be provided first. */
  place(bytes: number): Segment | null {
    if (this.current !== null && this.current.written + bytes <= this.current.file.bytes) return this.current;
    const file = this.free.pop();
    if (file === undefined) return null;
    if (this.current !== null) this.sealedBytes += this.current.file.bytes;
    this.current = { name: this.names.get(file) ?? '', file, written: 0, first: null, last: null, firstAtMs: 0 };
    this.live.push(this.current);
    return this.current;
  }

  /** Makes a free segment. Rejects with the operating system's error. */
  provide(): Promise<void> {
    this.creating ??= this.create().finally(() => {
      this.creating = null;
    });
    return this.creating;
  }

  /** Whether the current segment is more than half full and nothing follows it yet. */
  get wantsSpare(): boolean {
    return this.creating === null && this.free.length === 0 && this.current !== null && this.current.written * 2 > this.current.file.bytes;
  }

  /** Notes a write that is the kernel's only. */
  wroteUnsynced(segment: Segment): void {
    this.unsynced.add(segment.file);
  }

  get hasUnsynced(): boolean {
    return this.unsynced.size > 0;
  }

  /** Brings everything that is only the kernel's to stable storage. */
  async sync(): Promise<void> {
    const files = [...this.unsynced];
    await Promise.all(files.map((file) => file.sync()));
    for (const file of files) this.unsynced.delete(file);
  }

  /** The first live segment with a record after `position`. */
  firstAfter(position: JournalPosition): Segment | null {
    return this.live.find((segment) => segment.last !== null && isAfter(segment.last, position)) ?? null;
  }

  /** Sealed segments at the front whose records are all at or before `position`. */
  passedBy(position: JournalPosition): readonly Segment[] {
    const end = this.live.findIndex((segment) => segment === this.current || segment.last === null || isAfter(segment.last, position));
    return this.live.slice(0, end < 0 ? this.live.length : end);
  }

  /** Frees the first live segments, as `passedBy` named them. */
  release(segments: readonly Segment[]): void {
    this.live.splice(0, segments.length);
    for (const { file, name } of segments) {
      this.sealedBytes -= file.bytes;
      this.unsynced.delete(file);
      this.names.set(file, name);
      this.giveBack(file);
    }
  }

  async close(): Promise<void> {
    await this.creating?.catch(() => {}); // told to whoever asked for it; here only its end matters
    for (const { file } of this.live) file.close();
    for (const file of this.free) file.close();
    this.free.length = 0;
  }

  private giveBack(file: SegmentFile): void {
    if (this.free.length < MOST_FREE && file.bytes === this.options.segmentBytes) {
      this.free.push(file);
      return;
    }
    file.close();
    this.options.files.remove(join(this.options.folder, this.names.get(file) ?? ''));
  }

  private async create(): Promise<void> {
    const name = `${String(this.lastNumber + 1).padStart(8, '0')}${SEGMENT_SUFFIX}`;
    const file = await this.options.files.createSegment(join(this.options.folder, name), this.options.segmentBytes);
    this.lastNumber += 1;
    this.names.set(file, name);
    this.free.push(file);
  }
}
