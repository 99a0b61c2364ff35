import { ExactNumber } from '@sallyport/kernel';

import { canonicalText, keepableText } from './canonical-text.js';

/** How deep a JSON value inside an event may be. */
export const MAX_DEPTH = 32;

/**
 * Any JSON value as RFC 8785 writes it. Total: what JSON cannot say, or lies deeper than `MAX_DEPTH`, is null, and a number that a double
 * would change is written as a text. Texts are kept as `canonicalText` keeps them.
 */
export function canonicalJsonValue(value: unknown, depth = 0): string {
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof ExactNumber) return exactNumber(value);
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJsonValue(item, depth + 1)).join(',')}]`;
  return canonicalMembers(value, depth + 1);
}

function canonicalMembers(value: object, depth: number): string {
  const members = new Map<string, string>();
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.set(keepableText(key), canonicalJsonValue(member, depth));
  }
  const keys = [...members.keys()].sort();
  return `{${keys.map((key) => `${canonicalText(key)}:${members.get(key)}`).join(',')}}`;
}

function exactNumber(value: ExactNumber): string {
  return String(value.toDouble()) === value.text ? value.text : canonicalText(value.text);
}
