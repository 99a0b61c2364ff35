import { createHash } from 'node:crypto';

import { brokerFault } from './broker-faults.js';
import type { Publication } from './broker.js';

/** Values above this many bytes are published in numbered chunks (DESIGN.md 3). */
export const CHUNK_BYTES = 512 * 1024;

/**
 * The first byte of a chunk. No protobuf message begins with it (field number 0 does not exist), so a whole value needs no frame;
 * a value that begins with it all the same is published as one chunk.
 */
export const CHUNK_MARK = 0;

/** Mark, 16 bytes of the whole value's SHA-256, index and count as 32-bit big-endian numbers. */
export const CHUNK_HEADER_BYTES = 25;

/** The end of the keys of all chunks but the first, so that compaction keeps one record of each. */
export const CHUNK_KEY = /#\d+$/;

/**
 * One record as the records that carry it: itself, or numbered chunks that a `ChunkAssembler` puts together.
 * In a topic of several partitions the record has to name its partition, else its chunks part.
 *
 * @param earlierCount How many records the key's earlier value took, so that a compacted topic keeps none of them: those that
 *   this one does not replace are published as gone.
 * @throws {Fault} `broker.bad_key` for a key that ends like a chunk's (`#` and digits).
 */
export function splitPublication(publication: Publication, earlierCount = 1): readonly Publication[] {
  if (CHUNK_KEY.test(publication.key)) throw brokerFault.bad_key('a key may not end in # and digits: chunks do');
  const values = chunksOf(publication.value);
  const gone = Array.from({ length: Math.max(0, earlierCount - values.length) }, () => null);
  return [...values, ...gone].map((value, index) => ({ ...publication, key: chunkKey(publication.key, index), value }));
}

function chunksOf(value: Uint8Array | null): readonly (Uint8Array | null)[] {
  if (value === null || (value.length <= CHUNK_BYTES && value[0] !== CHUNK_MARK)) return [value];
  const count = Math.ceil(value.length / CHUNK_BYTES);
  const digest = valueDigest(value);
  return Array.from({ length: count }, (_, index) => {
    const part = value.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const chunk = Buffer.alloc(CHUNK_HEADER_BYTES + part.length, CHUNK_MARK);
    chunk.set(digest, 1);
    chunk.writeUInt32BE(index, 17);
    chunk.writeUInt32BE(count, 21);
    chunk.set(part, CHUNK_HEADER_BYTES);
    return chunk;
  });
}

function chunkKey(key: string, index: number): string {
  return index === 0 ? key : `${key}#${index}`;
}

/** The 16 bytes by which the chunks of one value know each other. */
export function valueDigest(value: Uint8Array): Uint8Array {
  return createHash('sha256').update(value).digest().subarray(0, 16);
}
