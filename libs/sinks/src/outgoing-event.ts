import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';

import type { OutgoingEvent } from './sink.js';

/** A stored event with what it says. The line is what our own sequencer sealed, so it is read and not examined. */
export function parseStored(stored: StoredEvent): OutgoingEvent {
  return { stored, event: JSON.parse(stored.line) as AuditEvent };
}
