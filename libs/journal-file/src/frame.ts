import { crc32 } from 'node:zlib';

import type { JournalPosition } from './journal-position.js';

/**
 * A record's bytes in a segment. Little endian; every frame begins at a multiple of 8.
 *
 *   0 u32 magic   4 u32 CRC-32 of all that follows   8 u32 payload bytes   12 u32 generation
 *   16 u48 localSeq, u16 zero   24 incarnation, 16 bytes   40 payload: the record as JSON, UTF-8
 *
 * Generation and localSeq tell a record from the stale bytes of a segment's earlier use; the CRC tells it from anything else.
 */
export interface Frame extends JournalPosition {
  readonly incarnation: string;
  /** Where the frame begins and ends in the buffer it was read from; the end is aligned. */
  readonly offset: number;
  readonly end: number;
  readonly payloadBytes: number;
}

/** Bytes of a frame before its payload. */
export const FRAME_HEADER_BYTES = 40;
const MAGIC = 0x314a_5053;
const ALIGNMENT = 8;
const WORD_BYTES = 4;
const WORD_END = 2 ** 32;
const CRC_AT = 4;
const LENGTH_AT = 8;
const GENERATION_AT = 12;
const SEQ_AT = 16;
const SEQ_BYTES = 6;
const INCARNATION_AT = 24;

/** Bytes that frames are written to, also as numbers: a `DataView` writes them at a fraction of what `Buffer`'s methods take. */
export interface FrameSpace {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** What the headers of all frames of one incarnation share, as little endian words of 32 bits; the rest of them is 0. */
export type FrameTemplate = readonly number[];

/** The same bytes, to write frames to. */
export function frameSpace(bytes: Buffer): FrameSpace {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** The bytes a payload takes up with its header and padding. */
export function frameBytes(payloadBytes: number): number {
  return Math.ceil((FRAME_HEADER_BYTES + payloadBytes) / ALIGNMENT) * ALIGNMENT;
}

/** The header shared by all frames of one incarnation, to be copied and completed by `sealFrames`. */
export function frameTemplate(incarnation: string, generation: number): FrameTemplate {
  const template = Buffer.alloc(FRAME_HEADER_BYTES);
  template.writeUInt32LE(MAGIC, 0);
  template.writeUInt32LE(generation, GENERATION_AT);
  template.write(incarnation.replaceAll('-', ''), INCARNATION_AT, 'hex');
  return Array.from({ length: FRAME_HEADER_BYTES / WORD_BYTES }, (_, word) => template.readUInt32LE(word * WORD_BYTES));
}

/** Puts a payload in a frame at `offset`, not yet numbered; the end of the frame. There is room for it. */
export function placePayload({ bytes, view }: FrameSpace, offset: number, payload: Uint8Array): number {
  const end = offset + frameBytes(payload.length);
  view.setUint32(end - ALIGNMENT, 0);
  view.setUint32(end - WORD_BYTES, 0);
  bytes.set(payload, offset + FRAME_HEADER_BYTES);
  view.setUint32(offset + LENGTH_AT, payload.length, true);
  return end;
}

/** Numbers the frames that fill `space` up to `end` from `firstSeq` on, and makes them valid. */
export function sealFrames(space: FrameSpace, end: number, template: FrameTemplate, firstSeq: number): void {
  const { bytes, view } = space;
  let seq = firstSeq;
  for (let offset = 0; offset < end; seq += 1) {
    const payloadBytes = view.getUint32(offset + LENGTH_AT, true);
    for (let word = 0; word < template.length; word += 1) view.setUint32(offset + word * WORD_BYTES, template[word] ?? 0, true);
    view.setUint32(offset + LENGTH_AT, payloadBytes, true);
    view.setUint32(offset + SEQ_AT, seq % WORD_END, true);
    view.setUint16(offset + SEQ_AT + WORD_BYTES, Math.floor(seq / WORD_END), true);
    const last = offset + FRAME_HEADER_BYTES + payloadBytes;
    view.setUint32(offset + CRC_AT, crc32(bytes.subarray(offset + LENGTH_AT, last)), true);
    offset += frameBytes(payloadBytes);
  }
}

/** The frame at `offset`, or `null` when the bytes there are not a whole and valid one. */
export function readFrame(buffer: Buffer, offset: number): Frame | null {
  const begun = readPosition(buffer, offset);
  if (begun === null) return null;
  const payloadBytes = buffer.readUInt32LE(offset + LENGTH_AT);
  const last = offset + FRAME_HEADER_BYTES + payloadBytes;
  if (last > buffer.length) return null;
  if (crc32(buffer.subarray(offset + LENGTH_AT, last)) !== buffer.readUInt32LE(offset + CRC_AT)) return null;
  const incarnation = readUuid(buffer, offset + INCARNATION_AT);
  return { ...begun, incarnation, offset, end: offset + frameBytes(payloadBytes), payloadBytes };
}

/** What a header at `offset` says its position is, its CRC unchecked; `null` when no header begins there. */
export function readPosition(buffer: Buffer, offset: number): JournalPosition | null {
  if (offset + FRAME_HEADER_BYTES > buffer.length || buffer.readUInt32LE(offset) !== MAGIC) return null;
  return { generation: buffer.readUInt32LE(offset + GENERATION_AT), seq: buffer.readUIntLE(offset + SEQ_AT, SEQ_BYTES) };
}

/** Every valid frame in a buffer, in the order of their bytes; whatever lies between them is passed over. */
export function* scanFrames(buffer: Buffer): Generator<Frame> {
  let offset = 0;
  while (offset + FRAME_HEADER_BYTES <= buffer.length) {
    const frame = readFrame(buffer, offset);
    if (frame !== null) yield frame;
    offset = frame === null ? offset + ALIGNMENT : frame.end;
  }
}

/** The payload of a frame read from this buffer. */
export function framePayload(buffer: Buffer, frame: Frame): string {
  const start = frame.offset + FRAME_HEADER_BYTES;
  return buffer.toString('utf8', start, start + frame.payloadBytes);
}

function readUuid(buffer: Buffer, at: number): string {
  const hex = buffer.toString('hex', at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
