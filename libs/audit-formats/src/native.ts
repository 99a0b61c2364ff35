import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';
import type { Result } from '@sallyport/kernel';

import { type DecodedEvent, type FormatProblem, wholeEvent } from './decoded-event.js';

/** The event's own canonical text. */
export function renderNative(_event: AuditEvent, stored: StoredEvent): string {
  return stored.line;
}

/** The event of its canonical text, read strictly. */
export function decodeNative(text: string): Result<DecodedEvent, FormatProblem> {
  return wholeEvent(text);
}
