/** Where a number stands in its sequence. */
export type Place =
  | { readonly kind: 'next' }
  | { readonly kind: 'ahead'; readonly missingFrom: number }
  | { readonly kind: 'late' }
  | { readonly kind: 'again' };

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Beyond so many gaps no new one is remembered: what fills one later counts as a duplicate. */
const MAX_GAPS = 10_000;

/** Tells the places of numbers that should come one after another, and which never came. Bounded: it keeps gaps, not numbers. */
export class SequenceTracker {
  private gaps: Gap[] = [];
  private following: number | undefined;

  /** @param first The number that should come first; by default the one that does. */
  constructor(first?: number) {
    this.following = first;
  }

  /** The number that should come now; `undefined` before the first. */
  get expected(): number | undefined {
    return this.following;
  }

  /**
   * Takes the next number of the file.
   *
   * @param unread How many lines before it could not be read: so many numbers are excused.
   */
  take(seq: number, unread = 0): Place {
    const expected = this.following ?? seq;
    if (seq < expected) return this.fill(seq) ? { kind: 'late' } : { kind: 'again' };
    this.following = seq + 1;
    if (seq === expected) return { kind: 'next' };
    this.miss(expected + unread, seq - 1);
    return { kind: 'ahead', missingFrom: expected };
  }

  /** Says that all from the first to the last should have come; without any number so far, from `first`. */
  endAt(first: number, last: number, unread = 0): void {
    const expected = this.following ?? first;
    this.miss(expected + unread, last);
    this.following = Math.max(expected, last + 1);
  }

  /** The runs that have not come so far, in order. */
  missing(): readonly Gap[] {
    return this.gaps.toSorted((one, other) => one.from - other.from);
  }

  private miss(from: number, to: number): void {
    if (from <= to && this.gaps.length < MAX_GAPS) this.gaps.push({ from, to });
  }

  private fill(seq: number): boolean {
    const at = this.gaps.findIndex(({ from, to }) => from <= seq && seq <= to);
    const gap = this.gaps[at];
    if (gap === undefined) return false;
    const left = [{ from: gap.from, to: seq - 1 }, { from: seq + 1, to: gap.to }].filter(({ from, to }) => from <= to);
    this.gaps.splice(at, 1, ...left);
    return true;
  }
}
