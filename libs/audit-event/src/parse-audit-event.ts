import { ok, refuse, type Result } from '@sallyport/kernel';

import type { AuditEvent } from './audit-event.js';
import { type AuditEventProblem, fieldChecker } from './check-fields.js';
import { membersEncoder } from './encode-fields.js';
import { FIELD_CATALOGUE } from './field-catalogue.js';
import { fieldTree } from './field-tree.js';
import { MAX_LINE_BYTES } from './seal-event.js';

/**
 * Reads an event's line, strictly: every field is one of `FIELD_CATALOGUE` and has its type, none that is required is missing, and the line is
 * RFC 8785 of what it says, so that equal events have equal lines. Does not look at the hash: that takes the line before.
 *
 * Total: no text makes it throw.
 */
export function parseAuditEvent(line: string): Result<AuditEvent, AuditEventProblem> {
  if (isTooLong(line)) return refuse({ pointer: '', message: `is longer than ${MAX_LINE_BYTES} bytes` });
  const value = jsonOf(line);
  if (value === undefined) return refuse({ pointer: '', message: 'is not JSON' });
  const problem = checkEvent(value, '');
  if (problem !== null) return refuse(problem);
  if (`${encodeEvent('', '{', value)}}` !== line) return refuse({ pointer: '', message: 'is not written as RFC 8785 says' });
  return ok(value as AuditEvent);
}

/** A UTF-16 unit is at most three bytes. */
function isTooLong(line: string): boolean {
  if (line.length * 3 <= MAX_LINE_BYTES) return false;
  return line.length > MAX_LINE_BYTES || new TextEncoder().encode(line).length > MAX_LINE_BYTES;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TREE = fieldTree(FIELD_CATALOGUE);
const checkEvent = fieldChecker({ key: '', type: 'object', required: true, words: [], fields: TREE });
const encodeEvent = membersEncoder(TREE);
