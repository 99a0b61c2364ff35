import type { MalformedReason } from './frame.js';

const BACKSLASH = 0x5c;
const U = 0x75;
const SIMPLE_ESCAPES = '"\\/bfnrt';

/** The offset after the string escape at `at`, or what is wrong with it. A high surrogate takes its low half with it; a half alone is refused. */
export function escapeEnd(bytes: Uint8Array, at: number): number | Extract<MalformedReason, 'not_json' | 'lone_surrogate'> {
  const kind = bytes[at + 1];
  if (kind !== U) return kind !== undefined && SIMPLE_ESCAPES.includes(String.fromCharCode(kind)) ? at + 2 : 'not_json';
  const unit = hexUnit(bytes, at + 2);
  if (unit < 0) return 'not_json';
  if (unit < 0xd800 || unit > 0xdfff) return at + 6;
  if (unit > 0xdbff || bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== U) return 'lone_surrogate';
  const low = hexUnit(bytes, at + 8);
  return low >= 0xdc00 && low <= 0xdfff ? at + 12 : 'lone_surrogate';
}

/** The value of four hexadecimal digits, or −1. */
function hexUnit(bytes: Uint8Array, from: number): number {
  let unit = 0;
  for (let index = from; index < from + 4; index += 1) {
    const digit = hexDigit(bytes[index]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
