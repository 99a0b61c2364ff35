const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const FORM = /^(?:[0-9a-f]{2})*$/;
const NINE = 0x39;
const DIGIT_ZERO = 0x30;
const LETTER_TEN = 0x61 - 10;

/** Lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += DIGITS[byte] ?? '';
  return text;
}

/** The bytes of lower-case hexadecimal digits; `undefined` for any other text. */
export function parseHex(text: string): Uint8Array | undefined {
  if (!FORM.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = digit(text, at * 2) * 16 + digit(text, at * 2 + 1);
  return bytes;
}

/** Whether two byte strings are the same. For public values: not in constant time. */
export function isSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return false;
  return true;
}

function digit(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit - (unit > NINE ? LETTER_TEN : DIGIT_ZERO);
}
