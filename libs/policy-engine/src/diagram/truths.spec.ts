import { describe, expect, it } from 'vitest';

import { AND, OR, TRUTH, negated } from './truths.js';

const { no, yes, unknown, error } = TRUTH;
const ALL = [no, yes, unknown, error];

describe('truths in a diagram', () => {
  it('are joined by AND as a rule asks them: the first no or error settles it', () => {
    expect(ALL.map((left) => ALL.map((right) => AND.join(left, right)))).toEqual([
      [no, no, no, no],
      [no, yes, unknown, error],
      [no, unknown, unknown, error],
      [error, error, error, error],
    ]);
  });

  it('are joined by OR as a rule asks them: the first yes or error settles it', () => {
    expect(ALL.map((left) => ALL.map((right) => OR.join(left, right)))).toEqual([
      [no, yes, unknown, error],
      [yes, yes, yes, yes],
      [unknown, yes, unknown, error],
      [error, error, error, error],
    ]);
  });

  it('are negated where they are sure', () => {
    expect(ALL.map(negated)).toEqual([yes, no, unknown, error]);
  });
});
