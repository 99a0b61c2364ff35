import { HASH_BYTES } from './tree-hash.js';

const CHUNK = 65_536;

/** Hashes by number, 32 bytes each in blocks of 65,536: what has to be kept of events that come in any order. */
export class HashTable {
  private readonly blocks = new Map<number, { readonly hashes: Uint8Array; readonly known: Uint8Array }>();
  private count = 0;

  /** How many numbers have a hash. */
  get size(): number {
    return this.count;
  }

  /** The hash of a number; `undefined` where there is none. */
  get(at: number): Uint8Array | undefined {
    const block = this.blocks.get(Math.floor(at / CHUNK));
    const place = at % CHUNK;
    return block?.known[place] === 1 ? block.hashes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES) : undefined;
  }

  /** Sets the hash of a number that has none yet. */
  set(at: number, hash: Uint8Array): void {
    const of = Math.floor(at / CHUNK);
    const block = this.blocks.get(of) ?? { hashes: new Uint8Array(CHUNK * HASH_BYTES), known: new Uint8Array(CHUNK) };
    this.blocks.set(of, block);
    block.hashes.set(hash, (at % CHUNK) * HASH_BYTES);
    block.known[at % CHUNK] = 1;
    this.count += 1;
  }
}
