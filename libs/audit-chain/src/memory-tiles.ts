import { chainFault } from './chain-faults.js';
import { TILE_WIDTH, TileBuilder, levelWidth, type TileReader } from './tiles.js';
import { HASH_BYTES, type Sha256 } from './tree-hash.js';

/** A whole tree in memory, 32 bytes and a little for each leaf: for tools that make proofs from a file, and for tests. */
export class MemoryTiles implements TileReader {
  private readonly full = new Map<string, Uint8Array>();
  private readonly builder: TileBuilder;

  constructor(sha256: Sha256) {
    this.builder = TileBuilder.empty(sha256);
  }

  /** How many leaves there are. */
  get size(): number {
    return this.builder.size;
  }

  /** The root of the tree as it is now. */
  root(): Uint8Array {
    return this.builder.root();
  }

  /** Adds one leaf hash. */
  append(leaf: Uint8Array): void {
    for (const { level, index, hashes } of this.builder.append(leaf)) this.full.set(`${level}/${index}`, hashes);
  }

  /** @throws {Fault} `audit_chain.bad_tile` when the tree has no such tile. */
  read(level: number, index: number, width: number): Uint8Array {
    const hashes = this.full.get(`${level}/${index}`) ?? this.openTile(level, index);
    if (width > TILE_WIDTH || hashes === undefined || hashes.length < width * HASH_BYTES) throw chainFault.bad_tile(`tile ${level}/${index} has not ${width} hashes`);
    return hashes.slice(0, width * HASH_BYTES);
  }

  private openTile(level: number, index: number): Uint8Array | undefined {
    return index === Math.floor(levelWidth(this.size, level) / TILE_WIDTH) ? this.builder.state().open[level] : undefined;
  }
}
