import type { DecisionRecord, JournalRecord } from '@sallyport/audit';

import {
  CHARGE_MEMBERS,
  COMPLETED,
  COMPLETED_MEMBERS,
  COMPLETED_WITH_MARKS,
  COMPLETED_WITH_MORE,
  DECIDED,
  DECIDED_MEMBERS,
  DECIDED_WITH_MORE,
  EARLY_DECIDED,
  EARLY_DECIDED_MEMBERS,
  EARLY_DECIDED_WITH_MORE,
  MORE_COMPLETED_MEMBERS,
  MORE_DECIDED_MEMBERS,
  MORE_EARLY_DECIDED_MEMBERS,
  NO_MORE_COMPLETED,
  NO_MORE_DECIDED,
  NOTED,
  NOTED_MEMBERS,
  NOT_SAID_EARLY,
} from './record-form.js';

/**
 * Reads back what `RecordEncoder` wrote, and objects with the members' names, as journals before it held them; `null` for any other
 * text. The frame's CRC has vouched for the members.
 */
export function decodeRecord(text: string): JournalRecord | null {
  const value = parsed(text);
  if (Array.isArray(value)) return fromItems(value);
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('decisionId' in value)) return null;
  if (value.kind !== 'decided' && value.kind !== 'completed') return null;
  return { ...(value.kind === 'decided' ? { ...NOT_SAID_EARLY, ...NO_MORE_DECIDED } : NO_MORE_COMPLETED), ...value } as unknown as DecisionRecord;
}

function fromItems([form, ...items]: readonly unknown[]): JournalRecord | null {
  switch (form) {
    case COMPLETED:
      return { kind: 'completed', ...named(COMPLETED_MEMBERS, items), ...NO_MORE_COMPLETED } as unknown as DecisionRecord;
    case COMPLETED_WITH_MORE:
      return { kind: 'completed', ...named([...COMPLETED_MEMBERS, ...MORE_COMPLETED_MEMBERS], items), marksLeft: [] } as unknown as DecisionRecord;
    case COMPLETED_WITH_MARKS:
      return { kind: 'completed', ...named([...COMPLETED_MEMBERS, ...MORE_COMPLETED_MEMBERS, 'marksLeft'], items) } as DecisionRecord;
    case DECIDED:
      return decidedOf({ ...named(DECIDED_MEMBERS, items), ...NO_MORE_DECIDED });
    case DECIDED_WITH_MORE:
      return decidedOf(named([...DECIDED_MEMBERS, ...MORE_DECIDED_MEMBERS], items));
    case EARLY_DECIDED:
      return decidedOf({ ...named(EARLY_DECIDED_MEMBERS, items), ...NO_MORE_DECIDED, ...NOT_SAID_EARLY });
    case EARLY_DECIDED_WITH_MORE:
      return decidedOf({ ...named([...EARLY_DECIDED_MEMBERS, ...MORE_EARLY_DECIDED_MEMBERS], items), ...NOT_SAID_EARLY });
    case NOTED:
      return { kind: 'noted', ...named(NOTED_MEMBERS, items) } as unknown as JournalRecord;
    default:
      return null;
  }
}

function decidedOf(decided: Record<string, unknown>): DecisionRecord {
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
