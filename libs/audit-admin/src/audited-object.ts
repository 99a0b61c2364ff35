import type { JsonValue } from '@sallyport/kernel';

/**
 * A member that must not leave: a sealed value, a hash of a token, a wrapped key. That it changed shows, in the object's hash and as a
 * step of the patch; what it is does not.
 */
export class SecretText {
  constructor(readonly text: string) {}
}

/** A value of an audited object. */
export type AuditedValue = null | boolean | number | string | SecretText | readonly AuditedValue[] | AuditedMembers;

/** Members by name. */
export interface AuditedMembers {
  readonly [name: string]: AuditedValue;
}

/** An object of administration as its events make it, and as patches name its members. `null` before it was there. */
export type AuditedObject = AuditedMembers | null;

/** What stands in place of a secret. */
export const SECRET = '<secret>';

/** Whether a value has members of its own. */
export function hasMembers(value: AuditedValue | undefined): value is AuditedMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SecretText);
}

/** The value as it is hashed: secrets as they are at rest, so that another secret is another hash. */
export function hashedForm(value: AuditedValue): JsonValue {
  return jsonOf(value, (secret) => secret.text);
}

/** The value as it may be shown. */
export function shownForm(value: AuditedValue): JsonValue {
  return jsonOf(value, () => SECRET);
}

function jsonOf(value: AuditedValue, secretAs: (secret: SecretText) => string): JsonValue {
  if (value instanceof SecretText) return secretAs(value);
  if (Array.isArray(value)) return value.map((item: AuditedValue) => jsonOf(item, secretAs));
  if (!hasMembers(value)) return value as JsonValue;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member, secretAs)]));
}
