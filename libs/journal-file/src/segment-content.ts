import type { SequencedRecord } from '@sallyport/audit';

import { decodeRecord } from './decode-record.js';
import { framePayload, readPosition, scanFrames, type Frame } from './frame.js';
import { isAfter, type JournalPosition } from './journal-position.js';

/** Bytes that should hold records and do not. */
export interface Damage {
  /** The file's name. */
  readonly segment: string;
  /** Where the damage begins, bytes from the start of the file. */
  readonly offset: number;
  /** Bytes up to the next good record; `null` when none follows in this file. */
  readonly bytes: number | null;
  /** How many records are missing between the good ones on either side. */
  readonly missing: number;
}

/** A last record that was begun and not finished. */
export interface TornTail {
  readonly segment: string;
  readonly offset: number;
}

/** What a segment holds after a position. `damaged` lies between its records; what is missing before the first shows only in the row of segments. */
export interface SegmentContent {
  readonly name: string;
  readonly buffer: Buffer;
  /** Whole records in order, of one generation. */
  readonly frames: readonly Frame[];
  readonly damaged: readonly Damage[];
  readonly torn: TornTail | null;
}

/**
 * Finds the records of a segment that come after `forgotten`; older ones are stale bytes of the segment's last use.
 *
 * A live segment is filled from its start with consecutive records of one generation. So anything else before a good record is
 * damage, and anything behind the last good record is the end, or a torn write.
 */
export function readSegment(name: string, buffer: Buffer, forgotten: JournalPosition): SegmentContent {
  const frames: Frame[] = [];
  const damaged: Damage[] = [];
  let end = 0;
  for (const frame of scanFrames(buffer)) {
    const before = frames.at(-1);
    if (!isAfter(frame, before ?? forgotten)) continue;
    if (before !== undefined && frame.offset !== end) {
      damaged.push({ segment: name, offset: end, bytes: frame.offset - end, missing: frame.seq - before.seq - 1 });
    }
    frames.push(frame);
    end = frame.end;
  }
  return { name, buffer, frames, damaged, torn: tornTail(name, buffer, end, frames.at(-1) ?? forgotten) };
}

function tornTail(name: string, buffer: Buffer, end: number, last: JournalPosition): TornTail | null {
  const begun = readPosition(buffer, end);
  return begun !== null && isAfter(begun, last) ? { segment: name, offset: end } : null;
}

/** A frame's record; `null` when its payload is not one. */
export function recordOf(buffer: Buffer, frame: Frame): SequencedRecord | null {
  const record = decodeRecord(framePayload(buffer, frame));
  return record === null ? null : { incarnation: frame.incarnation, localSeq: frame.seq, record };
}
