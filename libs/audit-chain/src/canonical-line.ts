import { canonicalJson, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { textOf } from './text-bytes.js';

/** A line that is its own RFC 8785 text, read. */
export interface CanonicalLine {
  readonly text: string;
  readonly value: JsonObject;
}

/** The JSON object of a line; `undefined` unless the bytes are UTF-8 and exactly the RFC 8785 text of the object. */
export function readCanonicalLine(bytes: Uint8Array): CanonicalLine | undefined {
  const text = textOf(bytes);
  if (text?.charAt(0) !== '{') return undefined;
  try {
    const value = JSON.parse(text) as JsonObject;
    return isCanonical(value, text) ? { text, value } : undefined;
  } catch {
    // No JSON, or nested deeper than the stack: neither is a line that was written.
    return undefined;
  }
}

/** A parsed object keeps the order of its keys, all but those that look like array indexes; for those the text is made anew. */
function isCanonical(value: JsonObject, text: string): boolean {
  return (JSON.stringify(value) === text && isSorted(value)) || canonicalJson(value) === text;
}

function isSorted(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let before = '';
  const object = value as JsonObject;
  for (const key in object) {
    if (key < before || !isSorted(object[key])) return false;
    before = key;
  }
  return true;
}
