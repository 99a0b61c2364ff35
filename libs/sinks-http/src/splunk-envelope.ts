import type { ExportFormat, OutgoingEvent } from '@sallyport/sinks';

import { rendered, type Form } from './rendered.js';

/** What of the settings goes into every event. */
export interface EnvelopeSettings {
  readonly index: string | null;
  readonly source: string;
  readonly sourcetype: string;
  readonly host: string;
}

/**
 * One event as HEC wants it: a JSON object, and objects stand after each other without a separator. HEC knows no double, so `event_id` is an indexed
 * field that a search can drop doubles by.
 */
export function splunkEnvelope(outgoing: OutgoingEvent, form: Form, settings: EnvelopeSettings): string {
  const { stored } = outgoing;
  const { index, source, sourcetype, host } = settings;
  const head = JSON.stringify({ host, source, sourcetype, ...(index === null ? {} : { index }) }).slice(1, -1);
  const fields = JSON.stringify({ event_id: stored.eventId, stream: stored.stream, seq: stored.seq, type: stored.type });
  const line = rendered(form, outgoing);
  return `{"time":${epochSeconds(stored.time)},${head},"fields":${fields},"event":${TEXT_FORMATS.has(form.format) ? JSON.stringify(line) : line}}`;
}

const TEXT_FORMATS: ReadonlySet<ExportFormat> = new Set(['cef', 'leef']);

/** RFC 3339 with six decimals as seconds with six decimals: a double would lose the last of them. */
function epochSeconds(time: string): string {
  return `${Math.floor(Date.parse(time) / 1_000)}.${time.slice(20, 26)}`;
}
