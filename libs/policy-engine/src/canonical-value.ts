import type { JsonValue } from '@sallyport/kernel';

import { canonicalNumber, isNumber } from './compare-numbers.js';

/** A text that two JSON values share exactly when `eq` holds between them. */
export function canonicalValue(value: JsonValue): string {
  if (isNumber(value)) return canonicalNumber(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(canonicalValue).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as { readonly [key: string]: JsonValue | undefined };
  const members = Object.keys(object).sort().map((key) => `${JSON.stringify(key)}:${canonicalValue(object[key] ?? null)}`);
  return `{${members.join(',')}}`;
}
