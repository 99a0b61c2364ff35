import type { JsonValue } from '@sallyport/kernel';

/** An object that inherits nothing, so that no key of a caller can reach a prototype. */
export function newJsonObject(): Record<string, JsonValue> {
  return Object.create(null) as Record<string, JsonValue>;
}
