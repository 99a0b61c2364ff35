/**
 * Three-valued logic, and `error` for what could not be evaluated within its bounds. `unknown` is a missing or wrongly
 * typed value: it never helps the caller.
 */
export type Truth = 'yes' | 'no' | 'unknown' | 'error';

/** What evaluating one call's conditions may still cost: pattern steps (instructions × characters), schema checks, CEL operations. */
export interface Meter {
  stepsLeft: number;
}

/** Steps one decision may cost: about a tenth of a second. */
export const MAX_STEPS = 10_000_000;

/** The meter of a decision that needs none: shared, since nothing draws on it. */
export const IDLE_METER: Meter = { stepsLeft: 0 };
