import { ExactNumber } from '@sallyport/kernel';

/** A JSON number as our parsers yield it. */
export type JsonNumber = number | ExactNumber;

interface Magnitude {
  readonly negative: boolean;
  /** Significant digits, no zero at either end; empty for zero. */
  readonly digits: string;
  /** Power of ten of the first digit, plus one. */
  readonly order: bigint;
}

const NUMBER_TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const ZERO_CODE = 48;

/** Whether a JSON value is a number. */
export function isNumber(value: unknown): value is JsonNumber {
  return typeof value === 'number' || value instanceof ExactNumber;
}

/**
 * Compares by exact decimal value, whatever the size of digits and exponents. Two plain numbers are compared as
 * doubles: each stands for at most 15 digits, which a double keeps apart and in order.
 *
 * @returns Negative, 0 or positive; `undefined` when one is not a finite number.
 */
export function compareNumbers(left: JsonNumber, right: JsonNumber): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    if (left < right) return -1;
    if (left > right) return 1;
    return left === right ? 0 : undefined;
  }
  const a = magnitude(left);
  const b = magnitude(right);
  if (a === undefined || b === undefined) return undefined;
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  return a.negative ? compareMagnitudes(b, a) : compareMagnitudes(a, b);
}

/** A text that is the same for equal numbers and differs for others: `-12.50` and `-1.25e1` give `-.125e2`. */
export function canonicalNumber(value: JsonNumber): string {
  const read = magnitude(value);
  if (read === undefined) return String(value);
  return read.digits === '' ? '0' : `${read.negative ? '-' : ''}.${read.digits}e${read.order}`;
}

function compareMagnitudes(a: Magnitude, b: Magnitude): number {
  if (a.digits === '' || b.digits === '') return a.digits.length - b.digits.length;
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}

function magnitude(value: JsonNumber): Magnitude | undefined {
  const parts = NUMBER_TEXT.exec(value instanceof ExactNumber ? value.text : String(value));
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const all = whole + fraction;
  let start = 0;
  while (all.charCodeAt(start) === ZERO_CODE) start += 1;
  let end = all.length;
  while (end > start && all.charCodeAt(end - 1) === ZERO_CODE) end -= 1;
  const digits = all.slice(start, end);
  return { negative: sign === '-' && digits !== '', digits, order: BigInt(exponent) + BigInt(whole.length - start) };
}
