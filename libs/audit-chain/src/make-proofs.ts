import { chainFault } from './chain-faults.js';
import { TILE_WIDTH, foldHashes, levelWidth, type TileReader } from './tiles.js';
import { HASH_BYTES, nodeHash, type Sha256 } from './tree-hash.js';

const TILE_HEIGHT = 8;

/** The tree that proofs are made from: its tiles, and how many of its leaves count. */
export interface TiledTree {
  readonly tiles: TileReader;
  /** The tree's size; the tiles may hold more. */
  readonly size: number;
  readonly sha256: Sha256;
}

/**
 * The inclusion proof of one leaf (RFC 9162 section 2.1.3.1): the siblings on the way to the root, the lowest first.
 *
 * @param index The leaf's place from 0: an event's `seq - 1`.
 * @throws {Fault} `audit_chain.bad_range` when the tree has no such leaf, `audit_chain.bad_tile` when the reader answers with another width.
 */
export async function inclusionProof(tree: TiledTree, index: number): Promise<readonly Uint8Array[]> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size) throw chainFault.bad_range(`a tree of ${tree.size} leaves has no leaf ${index}`);
  const siblings: Range[] = [];
  for (let whole: Range = { from: 0, to: tree.size }; whole.to - whole.from > 1; ) {
    const { left, right } = halves(whole);
    const isLeft = index < left.to;
    siblings.unshift(isLeft ? right : left);
    whole = isLeft ? left : right;
  }
  return rangeHashes(tree, siblings);
}

/**
 * The proof that the tree of `oldSize` leaves is the beginning of this one (RFC 9162 section 2.1.4.1). Empty for the empty tree and for the same size.
 *
 * @throws {Fault} `audit_chain.bad_range` when the old tree is larger, `audit_chain.bad_tile` when the reader answers with another width.
 */
export async function consistencyProof(tree: TiledTree, oldSize: number): Promise<readonly Uint8Array[]> {
  if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > tree.size) throw chainFault.bad_range(`a tree of ${tree.size} leaves has no beginning of ${oldSize}`);
  if (oldSize === 0 || oldSize === tree.size) return [];
  const parts: Range[] = [];
  let whole: Range = { from: 0, to: tree.size };
  while (whole.to !== oldSize) {
    const { left, right } = halves(whole);
    const isLeft = oldSize <= left.to;
    parts.unshift(isLeft ? right : left);
    whole = isLeft ? left : right;
  }
  return rangeHashes(tree, whole.from === 0 ? parts : [whole, ...parts]);
}

/** The root of the tree's first `size` leaves, from its tiles. */
export async function rootFromTiles(tree: TiledTree): Promise<Uint8Array> {
  if (tree.size === 0) return tree.sha256();
  const [root] = await rangeHashes(tree, [{ from: 0, to: tree.size }]);
  return root ?? tree.sha256();
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The two subtrees: the left one is the largest power of two that is less than the whole. */
function halves({ from, to }: Range): { readonly left: Range; readonly right: Range } {
  let width = 1;
  while (width * 2 < to - from) width *= 2;
  return { left: { from, to: from + width }, right: { from: from + width, to } };
}

async function rangeHashes(tree: TiledTree, ranges: readonly Range[]): Promise<readonly Uint8Array[]> {
  const cached = cachingReader(tree);
  const hashes: Uint8Array[] = [];
  for (const range of ranges) hashes.push(await rangeHash(cached, range));
  return hashes;
}

async function rangeHash(tree: TiledTree, range: Range): Promise<Uint8Array> {
  const height = Math.round(Math.log2(range.to - range.from));
  if (2 ** height === range.to - range.from) return perfectHash(tree, height, range.from / 2 ** height);
  const { left, right } = halves(range);
  return nodeHash(await rangeHash(tree, left), await rangeHash(tree, right), tree.sha256);
}

/** The node of a height at its place among those of the same height. It is the fold of a run within one tile. */
async function perfectHash({ tiles, size, sha256 }: TiledTree, height: number, place: number): Promise<Uint8Array> {
  const level = Math.floor(height / TILE_HEIGHT);
  const run = 2 ** (height % TILE_HEIGHT);
  const first = place * run;
  const index = Math.floor(first / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, levelWidth(size, level) - index * TILE_WIDTH);
  const hashes = await tiles.read(level, index, width);
  if (hashes.length !== width * HASH_BYTES) throw chainFault.bad_tile(`tile ${level}/${index} was to have ${width} hashes and has ${hashes.length / HASH_BYTES}`);
  const from = first - index * TILE_WIDTH;
  return foldHashes(hashes.subarray(from * HASH_BYTES, (from + run) * HASH_BYTES), sha256);
}

/** Reads each tile once for one proof. */
function cachingReader(tree: TiledTree): TiledTree {
  const read = new Map<string, Uint8Array | Promise<Uint8Array>>();
  const tiles: TileReader = {
    read: (level, index, width) => {
      const key = `${level}/${index}`;
      const known = read.get(key) ?? tree.tiles.read(level, index, width);
      read.set(key, known);
      return known;
    },
  };
  return { ...tree, tiles };
}
