import type { DecisionRecord } from '@sallyport/audit';

/** Reads back what `RecordEncoder` wrote; `null` for any other text. The frame's CRC has vouched for the members. */
export function decodeRecord(text: string): DecisionRecord | null {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('decisionId' in value)) return null;
  if (value.kind !== 'decided' && value.kind !== 'completed') return null;
  return value as DecisionRecord;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
