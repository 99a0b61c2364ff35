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
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'string') return JSON.stringify(value);
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return canonicalObject(value as JsonObject);
}

function canonicalObject(value: JsonObject): string {
  let text = '{';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}
