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
const CRC_AT = 4;
const LENGTH_AT = 8;
const GENERATION_AT = 12;
const SEQ_AT = 16;
const SEQ_BYTES = 6;
const INCARNATION_AT = 24;

/** The bytes a payload takes up with its header and padding. */
export function frameBytes(payloadBytes: number): number {
  return Math.ceil((FRAME_HEADER_BYTES + payloadBytes) / ALIGNMENT) * ALIGNMENT;
}

/** The header shared by all frames of one incarnation, to be copied and completed by `sealFrames`. */
export function frameTemplate(incarnation: string, generation: number): Buffer {
  const template = Buffer.alloc(FRAME_HEADER_BYTES);
  template.writeUInt32LE(MAGIC, 0);
  template.writeUInt32LE(generation, GENERATION_AT);
  template.write(incarnation.replaceAll('-', ''), INCARNATION_AT, 'hex');
  return template;
}

/** Puts text, which is ASCII alone, in as the payload of a frame at `offset`, not yet numbered; the end of the frame. The buffer has room for it. */
export function placePayload(buffer: Buffer, offset: number, text: string): number {
  const payloadBytes = buffer.write(text, offset + FRAME_HEADER_BYTES, 'latin1');
  const end = offset + frameBytes(payloadBytes);
  buffer.fill(0, offset + FRAME_HEADER_BYTES + payloadBytes, end);
  buffer.writeUInt32LE(payloadBytes, offset + LENGTH_AT);
  return end;
}

/** Numbers the frames that fill `buffer` up to `end` from `firstSeq` on, and makes them valid. */
export function sealFrames(buffer: Buffer, end: number, template: Buffer, firstSeq: number): void {
  let seq = firstSeq;
  for (let offset = 0; offset < end; seq += 1) {
    const payloadBytes = buffer.readUInt32LE(offset + LENGTH_AT);
    template.copy(buffer, offset);
    buffer.writeUInt32LE(payloadBytes, offset + LENGTH_AT);
    buffer.writeUIntLE(seq, offset + SEQ_AT, SEQ_BYTES);
    const last = offset + FRAME_HEADER_BYTES + payloadBytes;
    buffer.writeUInt32LE(crc32(buffer.subarray(offset + LENGTH_AT, last)), offset + CRC_AT);
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
