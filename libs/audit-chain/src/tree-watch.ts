import { TreeFrontier, rootOfPeak, type Peak } from './tree-frontier.js';
import type { Sha256 } from './tree-hash.js';

/** How many of the last sizes the root is still known for: more than there are events between two checkpoints. */
const REMEMBERED = 4_096;

/** The tree over the events that have been read, with its recent past. Once an event is missing from it, it has no roots any more. */
export class TreeWatch {
  private readonly frontier: TreeFrontier;
  private readonly edges: (Peak | undefined)[] = [];
  private readonly leaves: Uint8Array[] = [];
  private isWhole = true;

  constructor(private readonly sha256: Sha256, private readonly alwaysRemembered: number | undefined) {
    this.frontier = new TreeFrontier(sha256);
  }

  /** Adds an event. */
  append(leaf: Uint8Array): void {
    if (!this.isWhole) return;
    this.frontier.append(leaf);
    const { size, edge } = this.frontier;
    if (size === this.alwaysRemembered) this.remembered = edge;
    this.edges[size % REMEMBERED] = edge;
    this.leaves[size % REMEMBERED] = leaf;
  }

  private remembered: Peak | undefined;

  /** An event is not what it was, or not there. */
  breakOff(): void {
    this.isWhole = false;
  }

  /** How many events were read before something was missing. */
  get size(): number {
    return this.frontier.size;
  }

  /** The root over the first `size` events; `undefined` when it is not known any more or not yet. */
  rootAt(size: number): Uint8Array | undefined {
    if (!this.isWhole) return undefined;
    if (size === 0) return rootOfPeak(undefined, this.sha256);
    const edge = this.isRecent(size) ? this.edges[size % REMEMBERED] : size === this.alwaysRemembered ? this.remembered : undefined;
    return edge === undefined ? undefined : rootOfPeak(edge, this.sha256);
  }

  /** The hash of the `nth` event that was read, from 1; `undefined` when it is not known any more. */
  leafAt(nth: number): Uint8Array | undefined {
    return this.isWhole && this.isRecent(nth) ? this.leaves[nth % REMEMBERED] : undefined;
  }

  private isRecent(size: number): boolean {
    return size >= 1 && size <= this.size && size > this.size - REMEMBERED;
  }
}
