/**
 * A JSON number that a double cannot hold without changing its value or its written form: kept as its source text.
 * Parsers of this project yield it for numbers of more than 15 significant digits; every other number is a plain `number`.
 */
export class ExactNumber {
  constructor(readonly text: string) {}

  /** The nearest double, for uses where a rounded value does no harm. */
  toDouble(): number {
    return Number(this.text);
  }
}

/** Any JSON value, as read by a parser that keeps numbers exact. Objects made by our parsers have no prototype. */
export type JsonValue = null | boolean | number | string | ExactNumber | readonly JsonValue[] | JsonObject;

/** A JSON object. A missing key reads as `undefined`. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Whether a JSON value is an object (not an array, not null, not an exact number). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/**
 * The canonical form of RFC 8785 (JCS): keys sorted by UTF-16 code units, no white space, ECMAScript number form.
 * An `ExactNumber` keeps its source text, which JCS (defined over doubles) cannot say; so two values that differ only
 * beyond a double's precision have different canonical forms.
 *
 * Recursive: callers bound the depth first. Lone surrogates are the caller's to refuse.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return canonicalObject(value as JsonObject);
}

function canonicalObject(value: JsonObject): string {
  let text = '';
  for (const key of sortedKeys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${canonicalString(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** The keys by their UTF-16 units; few are sorted by insertion, in place, since a general sort copies them first. */
function sortedKeys(value: JsonObject): readonly string[] {
  const keys = Object.keys(value);
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] as string;
    let at = end;
    for (let before = keys[at - 1] as string; at > 0 && before > key; before = keys[at - 1] as string) {
      keys[at] = before;
      at -= 1;
    }
    keys[at] = key;
  }
  return keys;
}

/** Short strings that need no escape are the rule, and a look at them costs less than `JSON.stringify`. */
function canonicalString(text: string): string {
  if (text.length > SHORT) return JSON.stringify(text);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < FIRST_UNESCAPED || unit === QUOTE || unit === BACKSLASH || unit >= FIRST_SURROGATE) return JSON.stringify(text);
  }
  return `"${text}"`;
}

const FEW_KEYS = 16;
const SHORT = 64;
const FIRST_UNESCAPED = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_SURROGATE = 0xd800;
