import { chainFault } from './chain-faults.js';
import { TreeFrontier, peakHeights } from './tree-frontier.js';
import { HASH_BYTES, nodeHash, type Sha256 } from './tree-hash.js';

/** How many hashes a full tile has (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** A full tile: it never changes again. */
export interface Tile {
  /** 0 for tiles of leaf hashes; a tile of level n + 1 holds the roots of 256 tiles of level n. */
  readonly level: number;
  /** From 0 in its level. */
  readonly index: number;
  /** 256 hashes of 32 bytes, one after another. */
  readonly hashes: Uint8Array;
}

/** Where proofs find the tree. */
export interface TileReader {
  /**
   * The first `width` hashes of a tile, one after another: `width * 32` bytes. `width` is 256 for all but the last tile of a level,
   * and never asks for more than a tree of the size in question has.
   */
  read(level: number, index: number, width: number): Uint8Array | Promise<Uint8Array>;
}

/** What has to be kept in order to go on building tiles: the hashes of the last, open tile of each level, level 0 first. */
export interface TileBuilderState {
  readonly size: number;
  /** `(hashes of that level % 256) * 32` bytes each. */
  readonly open: readonly Uint8Array[];
}

/** Appends leaf hashes and cuts the tree into tiles on the way. */
export class TileBuilder {
  private readonly open: Uint8Array[] = [];

  private constructor(private readonly frontier: TreeFrontier) {}

  /** A tree without leaves. */
  static empty(sha256: Sha256): TileBuilder {
    return new TileBuilder(new TreeFrontier(sha256));
  }

  /** @throws {Fault} `audit_chain.bad_tile` when an open tile has not the width that the size asks for. */
  static restore(state: TileBuilderState, sha256: Sha256): TileBuilder {
    const builder = new TileBuilder(TreeFrontier.restore({ size: state.size, peaks: peaksOf(state, sha256) }, sha256));
    for (const level of levelsOf(state.size)) builder.openTile(level).set(openHashes(state, level));
    return builder;
  }

  /** How many leaves there are. */
  get size(): number {
    return this.frontier.size;
  }

  /** The root of the tree as it is now: 32 bytes. */
  root(): Uint8Array {
    return this.frontier.root();
  }

  /** Adds one leaf hash and gives the tiles that it completed, the lowest first; nearly always none. */
  append(leaf: Uint8Array): readonly Tile[] {
    const above = this.frontier.append(leaf);
    const lowest = this.put(0, this.size - 1, leaf);
    if (lowest === undefined) return NONE;
    const tiles = [lowest];
    for (const { level, index, hash } of above) {
      const tile = this.put(level, index, hash);
      if (tile !== undefined) tiles.push(tile);
    }
    return tiles;
  }

  /** What `restore` takes. */
  state(): TileBuilderState {
    return { size: this.size, open: levelsOf(this.size).map((level) => this.openTile(level).slice(0, openWidth(this.size, level) * HASH_BYTES)) };
  }

  private put(level: number, index: number, hash: Uint8Array): Tile | undefined {
    const tile = this.openTile(level);
    const place = index % TILE_WIDTH;
    tile.set(hash, place * HASH_BYTES);
    return place === TILE_WIDTH - 1 ? { level, index: (index - place) / TILE_WIDTH, hashes: tile.slice() } : undefined;
  }

  private openTile(level: number): Uint8Array {
    return (this.open[level] ??= new Uint8Array(TILE_WIDTH * HASH_BYTES));
  }
}

const NONE: readonly Tile[] = [];
const TILE_HEIGHT = 8;

/** How many hashes a level of the tree has. */
export function levelWidth(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The root of a perfect subtree, of which `hashes` are all the nodes of one height: a power of two of them. */
export function foldHashes(hashes: Uint8Array, sha256: Sha256): Uint8Array {
  let row: readonly Uint8Array[] = Array.from({ length: hashes.length / HASH_BYTES }, (_, at) => hashes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  while (row.length > 1) row = Array.from({ length: row.length / 2 }, (_, at) => nodeHash(nth(row, 2 * at), nth(row, 2 * at + 1), sha256));
  return nth(row, 0);
}

function nth(row: readonly Uint8Array[], at: number): Uint8Array {
  const hash = row[at];
  if (hash === undefined) throw chainFault.bad_tile('a perfect subtree has a power of two of hashes');
  return hash;
}

function openWidth(size: number, level: number): number {
  return levelWidth(size, level) % TILE_WIDTH;
}

function levelsOf(size: number): readonly number[] {
  const levels: number[] = [];
  for (let level = 0; levelWidth(size, level) > 0; level += 1) levels.push(level);
  return levels;
}

function openHashes({ size, open }: TileBuilderState, level: number): Uint8Array {
  const hashes = open[level] ?? new Uint8Array(0);
  const width = openWidth(size, level);
  if (hashes.length !== width * HASH_BYTES) throw chainFault.bad_tile(`the open tile of level ${level} in a tree of ${size} leaves has ${width} hashes`);
  return hashes;
}

/** The peaks of height 8n to 8n + 7 are runs within the open tile of level n, the larger ones first. */
function peaksOf(state: TileBuilderState, sha256: Sha256): readonly Uint8Array[] {
  const taken = new Map<number, number>();
  return peakHeights(state.size).map((height) => {
    const level = Math.floor(height / TILE_HEIGHT);
    const from = taken.get(level) ?? 0;
    const to = from + 2 ** (height % TILE_HEIGHT);
    taken.set(level, to);
    return foldHashes(openHashes(state, level).slice(from * HASH_BYTES, to * HASH_BYTES), sha256);
  });
}
