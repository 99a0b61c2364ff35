import { ExactNumber } from '@sallyport/kernel';

/** A number's value and the offset after it; `value` is 0 when nothing was to be built. */
export interface ScannedNumber {
  readonly value: number | ExactNumber;
  readonly end: number;
}

/** Numbers with at most this many significant digits survive a double and back (IEEE 754 binary64). */
const EXACT_DIGITS = 15;
/** Beyond this decimal exponent a double is subnormal or infinite, and 15 digits are no longer safe. */
const SAFE_EXPONENT = 290;

/**
 * Reads the JSON number at `at`. A plain `number` where a double says the same value in at most 15 significant digits, else an
 * `ExactNumber` with the source text.
 *
 * @returns a reason instead when it is no JSON number, or overflows a double (`1e400`).
 */
export function scanNumber(bytes: Buffer, at: number, build: boolean): ScannedNumber | 'not_json' | 'number_overflow' {
  const digitsAt = bytes[at] === 0x2d ? at + 1 : at;
  let end = digitsEnd(bytes, digitsAt);
  if (end === digitsAt || (bytes[digitsAt] === 0x30 && end > digitsAt + 1)) return 'not_json';
  const next = bytes[end];
  if (next !== 0x2e && next !== 0x65 && next !== 0x45 && end - digitsAt <= EXACT_DIGITS) {
    return { value: build ? smallInteger(bytes, at, end) : 0, end };
  }
  if (next === 0x2e) {
    const fractionAt = end + 1;
    end = digitsEnd(bytes, fractionAt);
    if (end === fractionAt) return 'not_json';
  }
  if (bytes[end] === 0x65 || bytes[end] === 0x45) {
    const signAt = end + 1;
    const exponentAt = bytes[signAt] === 0x2b || bytes[signAt] === 0x2d ? signAt + 1 : signAt;
    end = digitsEnd(bytes, exponentAt);
    if (end === exponentAt) return 'not_json';
  }
  const text = bytes.toString('latin1', at, end);
  const double = Number(text);
  if (!Number.isFinite(double)) return 'number_overflow';
  return { value: isExactAsDouble(text) ? double : new ExactNumber(text), end };
}

function digitsEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined || byte < 0x30 || byte > 0x39) return at;
    at += 1;
  }
}

function smallInteger(bytes: Buffer, at: number, end: number): number {
  const negative = bytes[at] === 0x2d;
  let value = 0;
  for (let index = negative ? at + 1 : at; index < end; index += 1) value = value * 10 + ((bytes[index] as number) - 0x30);
  return negative ? -value : value;
}

const ZERO = 0x30;

/** Counts the digits from the first to the last that is not zero, and the power of ten of the first; linear in the text. */
function isExactAsDouble(text: string): boolean {
  let first = -1;
  let last = -1;
  let digits = 0;
  let wholeDigits = -1;
  let index = text.startsWith('-') ? 1 : 0;
  for (; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === 0x2e) {
      wholeDigits = digits;
    } else if (unit >= ZERO && unit <= 0x39) {
      if (unit !== ZERO) {
        last = digits;
        if (first < 0) first = digits;
      }
      digits += 1;
    } else break;
  }
  if (first < 0) return true;
  if (last - first >= EXACT_DIGITS) return false;
  const exponent = index < text.length ? Number(text.slice(index + 1)) : 0;
  return Math.abs((wholeDigits < 0 ? digits : wholeDigits) - first + exponent) <= SAFE_EXPONENT;
}
