/** Why an event cannot be folded. An event is never skipped: the organisation stands still at the one before. */
export const FOLD_REFUSALS = ['state.out_of_order', 'state.other_organisation', 'state.unknown_fact', 'state.unknown_object', 'state.unreadable_policy', 'state.unreadable_time'] as const;

/** A refusal with its stable code, and a sentence for operators. */
export interface FoldRefusal {
  readonly code: (typeof FOLD_REFUSALS)[number];
  readonly sentence: string;
}
