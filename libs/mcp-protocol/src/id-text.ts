import { compareDecimals, parseDecimal } from '@sallyport/kernel';

import type { RpcId } from './frame.js';

/** A text whose UTF-8 bytes were read as Latin-1, put right. */
export function utf8Of(latin1Text: string): string {
  return isAscii(latin1Text) ? latin1Text : Buffer.from(latin1Text, 'latin1').toString('utf8');
}

/** Most texts here are an id or a word: too short for a regular expression to pay. */
function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** The string that a JSON string text says; `null` when it is another value, or none. */
export function stringOf(jsonText: string | undefined): string | null {
  if (jsonText === undefined || !jsonText.startsWith('"')) return null;
  try {
    return JSON.parse(jsonText) as string;
  } catch {
    // A string with a bad escape names nothing we know.
    return null;
  }
}

/** Whether two id tokens name one request: equal text, equal strings after unescaping, or equal numbers by exact value. `1` and `"1"` do not. */
export function isSameId(received: string, expected: RpcId): boolean {
  const text = utf8Of(received);
  if (text === expected) return true;
  if (expected.startsWith('"')) return stringOf(text) === stringOf(expected);
  const left = parseDecimal(text);
  const right = parseDecimal(expected);
  return left !== undefined && right !== undefined && compareDecimals(left, right) === 0;
}
