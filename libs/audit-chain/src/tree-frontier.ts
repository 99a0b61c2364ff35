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

interface Peak {
  readonly height: number;
  readonly hash: Uint8Array;
}

const TILE_HEIGHT = 8;
const NONE: readonly TileHash[] = [];

/** The right edge of an RFC 9162 tree over leaf hashes: appends in amortised one node hash, tells its root at any time. */
export class TreeFrontier {
  private leaves = 0;
  private readonly stack: Peak[] = [];

  constructor(private readonly sha256: Sha256) {}

  /** @throws {Fault} `audit_chain.bad_frontier` when the peaks are not those of a tree of that size. */
  static restore(state: FrontierState, sha256: Sha256): TreeFrontier {
    const frontier = new TreeFrontier(sha256);
    const heights = peakHeights(state.size);
    if (heights.length !== state.peaks.length) throw chainFault.bad_frontier(`a tree of ${state.size} leaves has ${heights.length} peaks, not ${state.peaks.length}`);
    for (const [at, height] of heights.entries()) frontier.stack.push({ height, hash: ownHash(state.peaks[at]) });
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
    let peak: Peak = { height: 0, hash: ownHash(leaf) };
    for (let last = this.stack.at(-1); last?.height === peak.height; last = this.stack.at(-1)) {
      this.stack.pop();
      peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash, this.sha256) };
      if (peak.height % TILE_HEIGHT === 0) (known ??= []).push({ level: peak.height / TILE_HEIGHT, index: this.leaves / 2 ** peak.height - 1, hash: peak.hash });
    }
    this.stack.push(peak);
    return known ?? NONE;
  }

  /** The root of the tree as it is now: 32 bytes. */
  root(): Uint8Array {
    return rootOfPeaks(this.stack.map(({ hash }) => hash), this.sha256);
  }

  /** What `restore` takes. */
  state(): FrontierState {
    return { size: this.leaves, peaks: this.stack.map(({ hash }) => hash) };
  }
}

/** The root over peaks, the largest first: folded from the right. */
export function rootOfPeaks(peaks: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  if (peaks.length === 0) return emptyRoot(sha256);
  return peaks.reduceRight((right, left) => nodeHash(left, right, sha256));
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
