import { type AuditEvent, FIELD_CATALOGUE, type FieldType } from '@sallyport/audit-event';
import { canonicalJson, type JsonObject, type JsonValue } from '@sallyport/kernel';

import { jsonOf, valueAt } from './decoded-event.js';

/** A field that has a value of its own: everything but groups. A list, labels and a change are one leaf, written as JSON. */
export interface Leaf {
  /** JSON Pointer into the event. */
  readonly pointer: string;
  readonly path: readonly string[];
  readonly type: FieldType;
  /** Its key in formats of keys and values: `sallyport` and the path, `sallyportActorIdentityId`; of the event's hash `sallyportHash`. */
  readonly key: string;
}

/** Every leaf that may get out, in the order of the catalogue. */
export const LEAVES: readonly Leaf[] = FIELD_CATALOGUE.filter((field) => field.exported && field.type !== 'object' && !field.path.includes('[]')).map(({ path, type }) => ({
  pointer: `/${path.replaceAll('.', '/')}`,
  path: path.split('.'),
  type,
  key: path === 'integrity.hash' ? 'sallyportHash' : `sallyport${path.split(/[._]/).map(capitalised).join('')}`,
}));

/** A leaf of an event with its value as text. */
export interface LeafText {
  readonly leaf: Leaf;
  readonly text: string;
}

/** The leaves that an event has. */
export function leavesOf(event: AuditEvent): readonly LeafText[] {
  const result: LeafText[] = [];
  for (const leaf of LEAVES) {
    const value = valueAt(event as unknown as JsonObject, ...leaf.path);
    if (value !== undefined) result.push({ leaf, text: typeof value === 'string' ? value : canonicalJson(value) });
  }
  return result;
}

/** The event that these leaves make. A value that cannot be read stays a text, so that the event's own parser names it. */
export function eventOfLeaves(leaves: Iterable<LeafText>): JsonObject {
  const event: Record<string, JsonValue> = {};
  for (const { leaf, text } of leaves) {
    const group = leaf.path.slice(0, -1).reduce<Record<string, JsonValue>>((at, name) => (at[name] ??= {}) as Record<string, JsonValue>, event);
    group[leaf.path.at(-1) ?? ''] = AS_TEXT.has(leaf.type) ? text : (jsonOf(text) ?? text);
  }
  return event;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const AS_TEXT: ReadonlySet<FieldType> = new Set(['text', 'word', 'type', 'instant', 'hash', 'uuid']);
