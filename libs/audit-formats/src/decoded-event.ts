import { type AuditEvent, parseAuditEvent } from '@sallyport/audit-event';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, ok, refuse, type Result } from '@sallyport/kernel';

/**
 * What a rendering gives back. `whole` is the event itself. `cut`: the text had no room for all of it; `event` is what is there, and `truncated`
 * names the rest by JSON Pointer.
 */
export type DecodedEvent =
  | { readonly kind: 'whole'; readonly event: AuditEvent }
  | { readonly kind: 'cut'; readonly event: JsonObject; readonly truncated: readonly string[] };

/** Why a text is no rendering of an event, in a sentence that holds nothing of the text. */
export interface FormatProblem {
  readonly message: string;
}

/** The event of its canonical line. */
export function wholeEvent(line: unknown): Result<DecodedEvent, FormatProblem> {
  if (typeof line !== 'string') return refuse({ message: 'The event\'s own text is missing.' });
  const parsed = parseAuditEvent(line);
  if (parsed.ok) return ok({ kind: 'whole', event: parsed.value });
  const { pointer, message } = parsed.refusal;
  return refuse({ message: `The event${pointer === '' ? '' : ` at ${pointer}`} ${message}.` });
}

/** The event of a value that is not written canonically; `truncated` where parts of it were left out. */
export function eventOfValue(value: JsonObject, truncated: readonly string[]): Result<DecodedEvent, FormatProblem> {
  return truncated.length === 0 ? wholeEvent(canonicalJson(value)) : ok({ kind: 'cut', event: value, truncated });
}

/** A JSON object of a text, or undefined. */
export function jsonObjectOf(text: string): JsonObject | undefined {
  const value = jsonOf(text);
  return isJsonObject(value) ? value : undefined;
}

/** A JSON value of a text, or undefined. */
export function jsonOf(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** What lies at a path of names and indices; undefined where there is nothing. */
export function valueAt(value: JsonValue | undefined, ...path: readonly (string | number)[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((at, step) => {
    if (Array.isArray(at)) return (at as readonly JsonValue[])[Number(step)];
    return isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, value);
}
