import { chainFault } from './chain-faults.js';
import { HASH_BYTES, emptyRoot, nodeHash, type Sha256 } from './tree-hash.js';

/** What has to be kept of a tree in order to go on appending to it: at most 53 hashes. */
export interface FrontierState {
  /** How many leaves. */
  readonly size: number;
  /** The roots of the perfect subtrees that the leaves fill, the largest first: one for each one-bit of `size`. */
  readonly peaks: readonly Uint8Array[];
}

/** A hash that belongs into a tile above the leaves: the root of a full tile of the level below. */
export interface TileHash {
  /** 1 and more; the leaves are level 0. */
  readonly level: number;
  /** Its place among the hashes of its level, from 0: tile `floor(index / 256)`, place `index % 256`. */
  readonly index: number;
  readonly hash: Uint8Array;
}

/** A perfect subtree at the right edge, and those larger ones to its left. Never changed, so that whoever keeps one keeps the tree as it was. */
export interface Peak {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly left: Peak | undefined;
}

const TILE_HEIGHT = 8;
const NONE: readonly TileHash[] = [];

/** The right edge of an RFC 9162 tree over leaf hashes: appends in amortised one node hash, tells its root at any time. */
export class TreeFrontier {
  private leaves = 0;
  private last: Peak | undefined;

  constructor(private readonly sha256: Sha256) {}

  /** @throws {Fault} `audit_chain.bad_frontier` when the peaks are not those of a tree of that size. */
  static restore(state: FrontierState, sha256: Sha256): TreeFrontier {
    const frontier = new TreeFrontier(sha256);
    const heights = peakHeights(state.size);
    if (heights.length !== state.peaks.length) throw chainFault.bad_frontier(`a tree of ${state.size} leaves has ${heights.length} peaks, not ${state.peaks.length}`);
    for (const [at, height] of heights.entries()) frontier.last = { height, hash: ownHash(state.peaks[at]), left: frontier.last };
    frontier.leaves = state.size;
    return frontier;
  }

  /** How many leaves there are. */
  get size(): number {
    return this.leaves;
  }

  /**
   * Adds one leaf at the right.
   *
   * @param leaf 32 bytes: an event's `integrity.hash`. Kept, not copied.
   * @returns The hashes of tiles above the leaves that became known; nearly always none, one for each 256 leaves.
   */
  append(leaf: Uint8Array): readonly TileHash[] {
    this.leaves += 1;
    let known: TileHash[] | undefined;
    let height = 0;
    let hash = ownHash(leaf);
    let left = this.last;
    for (; left?.height === height; left = left.left) {
      height += 1;
      hash = nodeHash(left.hash, hash, this.sha256);
      if (height % TILE_HEIGHT === 0) (known ??= []).push({ level: height / TILE_HEIGHT, index: this.leaves / 2 ** height - 1, hash });
    }
    this.last = { height, hash, left };
    return known ?? NONE;
  }

  /** The root of the tree as it is now: 32 bytes. */
  root(): Uint8Array {
    return rootOfPeak(this.last, this.sha256);
  }

  /** What `restore` takes. */
  state(): FrontierState {
    const peaks: Uint8Array[] = [];
    for (let peak = this.last; peak !== undefined; peak = peak.left) peaks.unshift(peak.hash);
    return { size: this.leaves, peaks };
  }

  /** The smallest of the peaks, which leads to the others: costs nothing to keep. */
  get edge(): Peak | undefined {
    return this.last;
  }
}

/** The root of the tree at whose right edge the peak was; of none the root of the tree without leaves. */
export function rootOfPeak(last: Peak | undefined, sha256: Sha256): Uint8Array {
  if (last === undefined) return emptyRoot(sha256);
  let root = last.hash;
  for (let peak = last.left; peak !== undefined; peak = peak.left) root = nodeHash(peak.hash, root, sha256);
  return root;
}

/** The heights of the perfect subtrees that `size` leaves fill, the largest first: the one-bits of `size`. */
export function peakHeights(size: number): readonly number[] {
  if (!Number.isSafeInteger(size) || size < 0) throw chainFault.bad_frontier(`${size} is no size of a tree`);
  const heights: number[] = [];
  for (let height = 0, left = size; left > 0; height += 1, left = Math.floor(left / 2)) if (left % 2 === 1) heights.unshift(height);
  return heights;
}

function ownHash(hash: Uint8Array | undefined): Uint8Array {
  if (hash?.length !== HASH_BYTES) throw chainFault.bad_frontier(`a hash of a tree has ${HASH_BYTES} bytes, not ${hash?.length ?? 0}`);
  return hash;
}
