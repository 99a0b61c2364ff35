import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FRAME_HEADER_BYTES, frameBytes, framePayload, frameSpace, frameTemplate, placePayload, readFrame, scanFrames, sealFrames } from './frame.js';

const INCARNATION = '0199c2a0-7b00-7000-8000-00000000abcd';

function framesOf(texts: readonly string[], firstSeq = 1, generation = 3): Buffer {
  const buffer = Buffer.alloc(texts.reduce((sum, text) => sum + frameBytes(text.length), 0), 0xff);
  const space = frameSpace(buffer);
  const end = texts.reduce((offset, text) => placePayload(space, offset, Buffer.from(text)), 0);
  sealFrames(space, end, frameTemplate(INCARNATION, generation), firstSeq);
  return buffer;
}

describe('frame', () => {
  it('reads back payload, number, generation and incarnation', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary-ascii' }), { minLength: 1 }), fc.integer({ min: 1, max: 2 ** 47 }), (texts, firstSeq) => {
      const buffer = framesOf(texts, firstSeq);
      const frames = [...scanFrames(buffer)];
      expect(frames.map((frame) => framePayload(buffer, frame))).toEqual(texts);
      expect(frames.map((frame) => frame.seq)).toEqual(texts.map((_, index) => firstSeq + index));
      expect(frames.every((frame) => frame.generation === 3 && frame.incarnation === INCARNATION)).toBe(true);
      expect(frames.at(-1)?.end).toBe(buffer.length);
    }));
  });

  it('is refused when any bit of it is flipped', () => {
    const whole = framesOf(['{"a":1}']);
    for (let bit = 0; bit < (FRAME_HEADER_BYTES + 7) * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(readFrame(flipped, 0)).toBeNull();
    }
  });

  it('is refused when it is cut anywhere', () => {
    const whole = framesOf(['{"a":1}']);
    for (let bytes = 0; bytes < FRAME_HEADER_BYTES + 7; bytes += 1) expect(readFrame(whole.subarray(0, bytes), 0)).toBeNull();
  });

  it('leaves nothing of what its bytes were before, and sits where its buffer does', () => {
    const text = '{"a":1}';
    const larger = Buffer.alloc(256, 0xff);
    const space = frameSpace(larger.subarray(64, 64 + frameBytes(text.length)));
    sealFrames(space, placePayload(space, 0, Buffer.from(text)), frameTemplate(INCARNATION, 3), 2 ** 40 + 5);
    expect(larger.toString('hex', 64 + FRAME_HEADER_BYTES + text.length, 64 + frameBytes(text.length))).toBe('00');
    expect(readFrame(larger, 64)?.seq).toBe(2 ** 40 + 5);
    expect(larger.readUInt8(63) + larger.readUInt8(64 + frameBytes(text.length))).toBe(0x1fe);
  });

  it('is found again behind bytes that mean nothing', () => {
    const buffer = Buffer.concat([Buffer.alloc(64, 0x5a), framesOf(['one']), Buffer.alloc(8), framesOf(['two'], 2)]);
    expect([...scanFrames(buffer)].map((frame) => frame.seq)).toEqual([1, 2]);
  });
});
