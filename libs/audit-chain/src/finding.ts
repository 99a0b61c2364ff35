/** What can be wrong with a log, and the exit code of each. */
export const FINDING_CODES = {
  modified: 2,
  missing: 3,
  out_of_order: 4,
  duplicate: 4,
  clock_went_back: 4,
  bad_signature: 5,
  equivocation: 6,
} as const;

/** See `FINDING_CODES`. */
export type FindingKind = keyof typeof FINDING_CODES;
/** What `sallyport verify` ends with when it could look: 0 for nothing found, 1 for nothing found in what could be looked at, which was not all. */
export type VerdictCode = 0 | 1 | (typeof FINDING_CODES)[FindingKind];

/** One thing that is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  /** The first event that it touches, as far as can be told; of a head or a trailer the first event that nothing else vouches for. */
  readonly seq: number;
  /** The last event that it touches, where that is another. */
  readonly toSeq?: number;
  /** The line of the file, from 1, where it shows. */
  readonly line?: number;
  /** A sentence for a person. Holds nothing of an event's content. */
  readonly detail: string;
}

/** How many findings are kept. */
export const MAX_FINDINGS = 100;

/** The findings with the lowest `seq`, at most `MAX_FINDINGS`, and how many there were. */
export class FindingList {
  private readonly kept: Finding[] = [];
  private found = 0;

  /** Keeps the finding in its place by `seq`; of the same `seq` the earlier comes first. */
  add(finding: Finding): void {
    this.found += 1;
    const after = this.kept.findIndex(({ seq }) => seq > finding.seq);
    this.kept.splice(after < 0 ? this.kept.length : after, 0, finding);
    if (this.kept.length > MAX_FINDINGS) this.kept.pop();
  }

  /** How many were found, kept or not. */
  get total(): number {
    return this.found;
  }

  /** Those kept, by `seq`. */
  list(): readonly Finding[] {
    return [...this.kept];
  }

  /** The code of the first by `seq`, 0 when nothing was found. */
  get code(): VerdictCode {
    const [first] = this.kept;
    return first === undefined ? 0 : FINDING_CODES[first.kind];
  }
}
