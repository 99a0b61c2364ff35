import { ExactNumber } from './json.js';

/**
 * An exact decimal: `coefficient` × 10^-`scale`. Amounts of limits are summed and compared in this form, so 0.1 + 0.2 is 0.3.
 * Normalised: the coefficient has no trailing zero unless `scale` is 0.
 */
export interface Decimal {
  readonly coefficient: bigint;
  readonly scale: number;
}

const DECIMAL_TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_DIGITS = 400;

/** One, the amount of a call counted as a call. */
export const ONE: Decimal = { coefficient: 1n, scale: 0 };
/** Zero. */
export const ZERO: Decimal = { coefficient: 0n, scale: 0 };

/** Reads a JSON number's text, or a number. `undefined` when it is not a finite decimal, or needs more than 400 digits. */
export function parseDecimal(source: string | number | ExactNumber): Decimal | undefined {
  const text = source instanceof ExactNumber ? source.text : String(source);
  const parts = DECIMAL_TEXT.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '0', fraction = '', exponentText = '0'] = parts;
  const exponent = Number(exponentText);
  if (whole.length + fraction.length + Math.abs(exponent) > MAX_DIGITS) return undefined;
  const scale = fraction.length - exponent;
  const digits = BigInt(sign + whole + fraction);
  return scale < 0 ? { coefficient: digits * 10n ** BigInt(-scale), scale: 0 } : normalise(digits, scale);
}

/** The sum. */
export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return normalise(rescale(left, scale) + rescale(right, scale), scale);
}

/** The difference `left - right`. */
export function subtractDecimals(left: Decimal, right: Decimal): Decimal {
  return addDecimals(left, { coefficient: -right.coefficient, scale: right.scale });
}

/** Negative, zero or positive as `left` is less than, equal to or greater than `right`. */
export function compareDecimals(left: Decimal, right: Decimal): -1 | 0 | 1 {
  const scale = Math.max(left.scale, right.scale);
  const a = rescale(left, scale);
  const b = rescale(right, scale);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Plain decimal text without an exponent, as `parseDecimal` reads it: `-12.05`. */
export function formatDecimal(value: Decimal): string {
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient).toString().padStart(value.scale + 1, '0');
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = value.scale === 0 ? '' : `.${digits.slice(digits.length - value.scale)}`;
  return `${negative ? '-' : ''}${whole}${fraction}`;
}

function rescale(value: Decimal, scale: number): bigint {
  return value.coefficient * 10n ** BigInt(scale - value.scale);
}

function normalise(coefficient: bigint, scale: number): Decimal {
  let digits = coefficient;
  let places = scale;
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places -= 1;
  }
  return { coefficient: digits, scale: places };
}
