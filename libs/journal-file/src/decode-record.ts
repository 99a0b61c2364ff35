import type { DecisionRecord } from '@sallyport/audit';

import { CHARGE_MEMBERS, COMPLETED, COMPLETED_MEMBERS, DECIDED, DECIDED_MEMBERS } from './record-form.js';

/**
 * Reads back what `RecordEncoder` wrote, and objects with the members' names, as journals before it held them; `null` for any other
 * text. The frame's CRC has vouched for the members.
 */
export function decodeRecord(text: string): DecisionRecord | null {
  const value = parsed(text);
  if (Array.isArray(value)) return fromItems(value);
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('decisionId' in value)) return null;
  if (value.kind !== 'decided' && value.kind !== 'completed') return null;
  return value as DecisionRecord;
}

function fromItems([form, ...items]: readonly unknown[]): DecisionRecord | null {
  if (form === COMPLETED) return { kind: 'completed', ...named(COMPLETED_MEMBERS, items) } as DecisionRecord;
  if (form !== DECIDED) return null;
  const decided = named(DECIDED_MEMBERS, items);
  const charges = (decided['charges'] as readonly (readonly unknown[])[]).map((charge) => named(CHARGE_MEMBERS, charge));
  return { kind: 'decided', ...decided, charges } as unknown as DecisionRecord;
}

function named(members: readonly string[], items: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(members.map((member, at) => [member, items[at]]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
