import type { JsonValue } from '@sallyport/kernel';

/**
 * Objects that inherit nothing but an empty object, which inherits nothing: as safe as `Object.create(null)`, and V8 keeps their
 * members in fields instead of a hash table (a third of the time to fill, list and read).
 */
class Bare {}
Reflect.deleteProperty(Bare.prototype, 'constructor');
Object.setPrototypeOf(Bare.prototype, null);
Object.freeze(Bare.prototype);

/** An object that inherits nothing, so that no key of a caller can reach a prototype. */
export function newJsonObject(): Record<string, JsonValue> {
  return new Bare() as Record<string, JsonValue>;
}
