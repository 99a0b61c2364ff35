import type { Truth } from '../conditions/truth.js';
import type { Joining } from './diagram.js';

/** Truths as a diagram's leaves hold them. */
export const TRUTH = { no: 0, yes: 1, unknown: 2, error: 3 } as const satisfies Record<Truth, number>;

const { no, yes, unknown, error } = TRUTH;

/** AND as a rule asks it, one condition after the other: a no or an error settles it. */
export const AND: Joining = {
  name: 'and',
  join: (left, right) => {
    if (left === no || left === error) return left;
    if (right === no || right === error) return right;
    return left === unknown ? left : right;
  },
};

/** OR as a rule asks it, one condition after the other: a yes or an error settles it. */
export const OR: Joining = {
  name: 'or',
  join: (left, right) => {
    if (left === yes || left === error) return left;
    if (right === yes || right === error) return right;
    return left === unknown ? left : right;
  },
};

/** What `not` makes of a truth. */
export function negated(truth: number): number {
  if (truth === yes) return no;
  return truth === no ? yes : truth;
}
