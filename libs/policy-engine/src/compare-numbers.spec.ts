import { ExactNumber } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalNumber, compareNumbers } from './compare-numbers.js';

const exact = (text: string): ExactNumber => new ExactNumber(text);

describe('numbers', () => {
  it.each([
    ['9007199254740993', '9007199254740992', 1],
    ['0.10', '1e-1', 0],
    ['1e400', '1e399', 1],
    ['-1e400', '1', -1],
    ['-2', '-1', -1],
    ['1e-400', '0', 1],
    ['-0', '0', 0],
    ['0e999', '0.000', 0],
    ['120', '12', 1],
    ['0.012', '0.12', -1],
    ['1e99999999999999999999', '1e99999999999999999998', 1],
    ['10e99999999999999999999', '1e100000000000000000000', 0],
  ])('compares %s with %s exactly', (left, right, wanted) => {
    expect(compareNumbers(exact(left), exact(right))).toBe(wanted);
    expect(Math.sign(compareNumbers(exact(right), exact(left)) ?? 9)).toBe(-wanted + 0);
    expect(canonicalNumber(exact(left)) === canonicalNumber(exact(right))).toBe(wanted === 0);
  });

  it('compares a plain number with an exact one', () => {
    expect(compareNumbers(100, exact('100.00000000000000000001'))).toBe(-1);
    expect(compareNumbers(1e21, exact('1000000000000000000000'))).toBe(0);
  });

  it('does not compare what is no finite number', () => {
    expect(compareNumbers(Number.NaN, 1)).toBeUndefined();
    expect(compareNumbers(Number.POSITIVE_INFINITY, exact('1'))).toBeUndefined();
  });

  it('agrees with big integers', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), fc.nat(30), (left, right, zeros) => {
        const wanted = left === right ? 0 : left < right ? -1 : 1;
        expect(Math.sign(compareNumbers(exact(`${left}e-${zeros}`), exact(`${right}e-${zeros}`)) ?? 9)).toBe(wanted);
      }),
    );
  });
});
