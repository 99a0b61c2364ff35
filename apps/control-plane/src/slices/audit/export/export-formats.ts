import type { EventRow } from '../read/event-row.js';

/** A form in which events are written out, one on each line. */
export interface ExportFormat {
  readonly contentType: string;
  /** Whether the signed line that ends it can be verified with the lines above. */
  readonly isSealed: boolean;
  /** One event, without its line feed. */
  line(row: EventRow): string;
}

/** The forms by name. `ndjson` is the events' own text: what was chained and signed. */
export const EXPORT_FORMATS: Readonly<Record<string, ExportFormat>> = {
  ndjson: { contentType: 'application/x-ndjson', isSealed: true, line: (row) => row.line },
};
