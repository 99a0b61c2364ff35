import type { BrokerRecord } from './broker.js';
import { CHUNK_BYTES, CHUNK_HEADER_BYTES, CHUNK_KEY, CHUNK_MARK, valueDigest } from './split-publication.js';

interface Unfinished {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
}

interface Chunk {
  readonly digest: Uint8Array;
  readonly index: number;
  readonly count: number;
  readonly part: Uint8Array;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Puts values together that were published in chunks, and passes whole ones through. A value comes out only whole and only as
 * it was split: its digest is compared. Chunks may repeat and values may interleave, as two publishers make them.
 */
export class ChunkAssembler {
  private readonly unfinished = new Map<string, Unfinished>();
  private heldBytes = 0;

  /** @param maxBytes How much of unfinished values is held; beyond it the one begun first is given up. */
  constructor(private readonly maxBytes: number = DEFAULT_MAX_BYTES) {}

  /** How many bytes of unfinished values are held now. */
  get bytes(): number {
    return this.heldBytes;
  }

  /**
   * Takes the next record of a topic.
   *
   * @returns The record itself, or the one whose last chunk this was, with its own key and this chunk's offset; null where nothing
   *   is whole yet, or what came is no chunk of ours. Whether a value is genuine is for its signature to say.
   */
  accept(record: BrokerRecord): BrokerRecord | null {
    if (record.value === null) return CHUNK_KEY.test(record.key ?? '') ? null : record;
    if (record.value[0] !== CHUNK_MARK) return record;
    const chunk = readChunk(record.value);
    if (chunk === null) return null;
    const value = this.add(record, chunk);
    return value === null ? null : { ...record, key: baseKey(record.key, chunk.index), value };
  }

  /** The offset of the oldest record still needed of a partition: who goes on later from a kept offset begins here. Null if none. */
  neededFrom(topic: string, partition: number): bigint | null {
    const offsets = [...this.unfinished.values()].filter((one) => one.topic === topic && one.partition === partition).map((one) => one.firstOffset);
    return offsets.reduce<bigint | null>((oldest, offset) => (oldest === null || offset < oldest ? offset : oldest), null);
  }

  private add(record: BrokerRecord, chunk: Chunk): Uint8Array | null {
    const id = `${record.topic} ${record.partition} ${baseKey(record.key, chunk.index)} ${chunk.count} ${Buffer.from(chunk.digest).toString('hex')}`;
    const unfinished = this.unfinished.get(id) ?? this.begin(id, record, chunk);
    if (unfinished.parts[chunk.index] !== undefined) return null;
    unfinished.parts[chunk.index] = Uint8Array.from(chunk.part); // a copy: the part is a window into a whole fetched batch
    unfinished.missing -= 1;
    unfinished.bytes += chunk.part.length;
    this.heldBytes += chunk.part.length;
    if (unfinished.missing > 0) {
      this.giveUpBeyondBound();
      return null;
    }
    this.forget(id);
    const value = Buffer.concat(unfinished.parts.map((part) => part ?? new Uint8Array()));
    return Buffer.compare(valueDigest(value), chunk.digest) === 0 ? value : null;
  }

  private begin(id: string, record: BrokerRecord, chunk: Chunk): Unfinished {
    const parts = Array.from({ length: chunk.count }, () => undefined);
    const begun = { topic: record.topic, partition: record.partition, firstOffset: record.offset, parts, missing: chunk.count, bytes: chunk.count * 8 };
    this.unfinished.set(id, begun);
    this.heldBytes += begun.bytes;
    return begun;
  }

  private giveUpBeyondBound(): void {
    for (const id of this.unfinished.keys()) {
      if (this.heldBytes <= this.maxBytes) return;
      this.forget(id);
    }
  }

  private forget(id: string): void {
    this.heldBytes -= this.unfinished.get(id)?.bytes ?? 0;
    this.unfinished.delete(id);
  }
}

const MAX_CHUNKS = 1_024;

function readChunk(bytes: Uint8Array): Chunk | null {
  if (bytes.length < CHUNK_HEADER_BYTES || bytes.length > CHUNK_HEADER_BYTES + CHUNK_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [index, count] = [view.getUint32(17), view.getUint32(21)];
  if (count === 0 || count > MAX_CHUNKS || index >= count) return null;
  return { digest: bytes.subarray(1, 17), index, count, part: bytes.subarray(CHUNK_HEADER_BYTES) };
}

function baseKey(key: string | null, index: number): string | null {
  const end = `#${index}`;
  return index > 0 && key !== null && key.endsWith(end) ? key.slice(0, -end.length) : key;
}
