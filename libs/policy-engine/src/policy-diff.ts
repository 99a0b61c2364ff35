/** How one change moves a policy: what may be called at all (`gained`, `lost`), or under what rules. */
export type DiffKind = 'gained' | 'lost' | 'tightened' | 'loosened' | 'changed';

/**
 * One difference between two documents. `tool` is `*` where it concerns every tool, or a glob of `hide`. `pointer` is
 * a JSON Pointer into the later document, or into the earlier one for what is gone from the later.
 */
export interface DiffEntry {
  readonly kind: DiffKind;
  readonly tool: string;
  readonly pointer: string;
  readonly sentence: string;
}

/** All differences in meaning; none when the two documents say the same in other words or another order. */
export interface PolicyDiff {
  readonly entries: readonly DiffEntry[];
}
