/**
 * Why a change was not made, as GraphQL's `Refusal` shows it. `code` is stable: `<noun>.<what_is_wrong>` from a decider,
 * or one of the runner's own `idempotency_conflict`, `moved_on`, `forbidden`, `not_found`.
 */
export interface Refusal {
  readonly code: string;
  /** One sentence for a person; no secrets. */
  readonly message: string;
  /** JSON Pointer into the input. */
  readonly pointer?: string;
}

/** The sentences of one decider's refusals, so that a new code without a sentence does not compile. */
export type RefusalTexts<Code extends string> = { readonly [Each in Code]: { readonly message: string; readonly pointer?: string } };

/** A decider's code as a `Refusal`. */
export function refusalOf<Code extends string>(texts: RefusalTexts<Code>, code: Code): Refusal {
  return { code, ...texts[code] };
}
