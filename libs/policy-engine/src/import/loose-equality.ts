import type { JsonValue } from '@sallyport/kernel';

const LEAST_EXPONENT = -4;
const LARGEST_EXPONENT = 5;
/** How the older form writes lists and objects when it compares them as texts. */
const PRINTED_STRUCTURE = /^(?:\[.*\]|map\[.*\])$/s;

/**
 * All JSON values that the older form takes for equal to one value: it compares numbers as numbers, and everything else by
 * how it is printed, so that `5` equals `"5"`. Undefined where they cannot be listed: lists, objects, texts that look like
 * printed ones, and numbers that a double does not hold.
 */
export function looselyEqual(value: JsonValue): readonly JsonValue[] | undefined {
  if (value === null) return [null, '<nil>'];
  if (typeof value === 'boolean') return [value, String(value)];
  if (typeof value === 'number') return [value, ...new Set([printedNumber(value), printedWhole(value)])];
  return typeof value === 'string' && !PRINTED_STRUCTURE.test(value) ? [value, ...printedAs(value)] : undefined;
}

/** Values that are no texts and are printed as a text. */
function printedAs(text: string): readonly JsonValue[] {
  if (text === '<nil>') return [null];
  if (text === 'true' || text === 'false') return [text === 'true'];
  const number = Number(text);
  return text.trim() === text && text !== '' && Number.isFinite(number) && printedNumber(number) === text ? [number] : [];
}

/** A double in its shortest form, with an exponent from a million up and below a ten-thousandth: `1e+06`. */
function printedNumber(number: number): string {
  const [mantissa = '', exponent = ''] = number.toExponential().split('e');
  const power = Number(exponent);
  if (power >= LEAST_EXPONENT && power <= LARGEST_EXPONENT) return String(number);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A whole number as it is printed where the policy's file has it as one. */
function printedWhole(number: number): string {
  return Number.isSafeInteger(number) ? String(number) : printedNumber(number);
}
