import { isJsonObject, type JsonObject, type JsonValue } from '@sallyport/kernel';

/** What a rendering says of an event before what is not known is left out. */
export interface Draft {
  readonly [name: string]: Draft | readonly (Draft | string)[] | string | number | boolean | object | undefined;
}

/** The draft as JSON without what says nothing: undefined, empty objects, empty lists. */
export function compact(draft: Draft): JsonObject {
  return compactObject(draft as JsonObject);
}

function compactObject(object: JsonObject): JsonObject {
  const result: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(object)) {
    const kept = value === undefined ? undefined : compactValue(value);
    if (kept !== undefined) define(result, name, kept);
  }
  return result;
}

function compactValue(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item: JsonValue) => (isJsonObject(item) ? compactObject(item) : item));
  if (!isJsonObject(value)) return value;
  const kept = compactObject(value);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** A label may be called `__proto__`, which an assignment would take for the prototype. */
function define(object: Record<string, JsonValue>, name: string, value: JsonValue): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
