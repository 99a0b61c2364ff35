/** The ways a change can move a policy. Closed: consoles and scripts switch on it. */
export const DIFF_KINDS = ['gained', 'lost', 'tightened', 'loosened', 'changed', 'undecidable'] as const;

/**
 * How one change moves a policy. `gained`, `lost`: a tool can be called at all now, or no longer. `tightened`: no call
 * is allowed for it that was not. `loosened`: none is denied for it that was not. `changed`: neither can be said.
 * `undecidable`: it depends on what is not looked into, as two patterns or two CEL expressions, or is too large to tell.
 */
export type DiffKind = (typeof DIFF_KINDS)[number];

/**
 * One difference between two documents. `tool` is `*` where it concerns more than one tool, or a glob of `hide`.
 */
export interface DiffEntry {
  readonly kind: DiffKind;
  readonly tool: string;
  /** A JSON Pointer into the document that `side` names: the later one, or the earlier one for what is gone from the later. */
  readonly pointer: string;
  readonly side: 'before' | 'after';
  /** The id of the rule in that document, as decisions name it; `null` where it is about no rule. */
  readonly ruleId: string | null;
  readonly sentence: string;
}

/** All differences in meaning; none when the two documents decide alike, in whatever words and order. */
export interface PolicyDiff {
  readonly entries: readonly DiffEntry[];
}
