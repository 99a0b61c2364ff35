import { FORMATS, type AuditFormat } from '@sallyport/audit-formats';
import type { AuditEvent } from '@sallyport/audit-event';

import type { EventRow } from '../read/event-row.js';

/** A form in which events are written out, one on each line. */
export interface ExportFormat {
  readonly contentType: string;
  /** Whether a signed line ends it, which the lines above can be verified by. */
  readonly isSealed: boolean;
  /** One event of a stream, without its line feed. */
  line(stream: string, row: EventRow): string;
}

/** The forms by name. `ndjson` is the events' own text: what was chained and signed. */
export const EXPORT_FORMATS: Readonly<Record<string, ExportFormat>> = {
  ndjson: { contentType: 'application/x-ndjson', isSealed: true, line: (_stream, row) => row.line },
  ocsf: rendered('ocsf', 'application/x-ndjson'),
  ecs: rendered('ecs', 'application/x-ndjson'),
  cef: rendered('cef', 'text/plain; charset=utf-8'),
  leef: rendered('leef', 'text/plain; charset=utf-8'),
};

function rendered(name: AuditFormat, contentType: string): ExportFormat {
  const format = FORMATS[name];
  return { contentType, isSealed: false, line: (stream, row) => format.render(...eventIn(stream, row)) };
}

function eventIn(stream: string, row: EventRow): Parameters<(typeof FORMATS)['native']['render']> {
  const event = JSON.parse(row.line) as AuditEvent;
  const { event_id: eventId, type, outcome, seq, line } = row;
  return [event, { stream, seq: Number(seq), eventId, type, outcome, time: event.time, hash: row.hash.toString('hex'), line }];
}
