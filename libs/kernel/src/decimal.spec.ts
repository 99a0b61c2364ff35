import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addDecimals, compareDecimals, formatDecimal, parseDecimal, subtractDecimals, type Decimal } from './decimal.js';

const read = (text: string): Decimal => {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`not a decimal: ${text}`);
  return value;
};
const decimals = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(20)).map(([coefficient, scale]) =>
  read(`${coefficient}e-${scale}`),
);

describe('decimal', () => {
  it('adds tenths without a rounding error', () => {
    expect(formatDecimal(addDecimals(read('0.1'), read('0.2')))).toBe('0.3');
  });

  it('tells integers beyond a double apart', () => {
    expect(compareDecimals(read('9007199254740993'), read('9007199254740992'))).toBe(1);
  });

  it('reads exponents', () => {
    expect(formatDecimal(read('-12.50e-1'))).toBe('-1.25');
    expect(formatDecimal(read('3e2'))).toBe('300');
  });

  it('refuses what is not a finite decimal', () => {
    for (const text of ['', 'NaN', 'Infinity', '0x10', '1e999', '1_000']) expect(parseDecimal(text)).toBeUndefined();
  });

  it('prints what it reads back as the same value', () => {
    fc.assert(fc.property(decimals, (value) => {
      expect(read(formatDecimal(value))).toEqual(value);
    }));
  });

  it('takes away what it added', () => {
    fc.assert(fc.property(decimals, decimals, (a, b) => {
      expect(subtractDecimals(addDecimals(a, b), b)).toEqual(a);
    }));
  });
});
