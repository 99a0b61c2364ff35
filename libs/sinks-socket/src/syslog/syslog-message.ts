import type { OutgoingEvent } from '@sallyport/sinks';

import { syslogBody } from './syslog-body.js';

/** The facilities that an audit stream is sent under (RFC 5424, 6.2.1): `authpriv`, `audit`, `local0` to `local7`. */
export const FACILITIES = { authpriv: 10, audit: 13, local0: 16, local1: 17, local2: 18, local3: 19, local4: 20, local5: 21, local6: 22, local7: 23 } as const;
export type Facility = keyof typeof FACILITIES;

/** How messages are written. */
export interface SyslogForm {
  readonly facility: Facility;
  /** The structured data's id: a name, `@` and a private enterprise number. */
  readonly sdId: string;
  /** Octets of one message, without its frame. */
  readonly maxOctets: number;
  readonly format: SyslogFormat;
  /** Version of the format's schema; null: the newest. */
  readonly formatVersion: string | null;
}

/** The formats that fit one line of text. */
export type SyslogFormat = 'native' | 'ocsf' | 'ecs' | 'cef' | 'leef';

/**
 * One message of RFC 5424 for one event: `<PRI>1 TIME HOST sallyport - TYPE [sd id= seq= stream= type=] BODY`, UTF-8 without a byte order mark.
 * A body that would make it longer than `maxOctets` is reduced, and the parameter `truncated` names what was taken out.
 */
export function syslogMessage(outgoing: OutgoingEvent, form: SyslogForm, replay: boolean): Buffer {
  const head = headerOf(outgoing, form);
  const parameters = parametersOf(outgoing, replay);
  const room = form.maxOctets - Buffer.byteLength(head) - Buffer.byteLength(structured(form.sdId, parameters)) - SEPARATORS;
  const { text, truncated } = syslogBody(outgoing, form, room);
  const all = truncated.length === 0 ? parameters : { ...parameters, truncated: truncated.join(' ') };
  return Buffer.from(`${head} ${structured(form.sdId, all)} ${text}`);
}

function headerOf({ event, stored }: OutgoingEvent, { facility }: SyslogForm): string {
  const priority = FACILITIES[facility] * 8 + SYSLOG_SEVERITY[event.severity];
  return `<${priority}>1 ${stored.time} ${printable(event.gateway?.instance_id ?? '', 255)} sallyport - ${printable(stored.type, 32)}`;
}

function parametersOf({ stored }: OutgoingEvent, replay: boolean): Readonly<Record<string, string>> {
  const { eventId: id, seq, stream, type } = stored;
  return { id, seq: String(seq), stream, type, ...(replay ? { replay: 'true' } : {}) };
}

function structured(sdId: string, parameters: Readonly<Record<string, string>>): string {
  return `[${sdId}${Object.entries(parameters).map(([name, value]) => ` ${name}="${value.replace(/["\\\]]/g, '\\$&')}"`).join('')}]`;
}

/** A header field is printable ASCII without spaces, or `-`. */
function printable(text: string, maxLength: number): string {
  const kept = text.replace(/[^\u0021-\u007e]/g, '_').slice(0, maxLength);
  return kept === '' ? '-' : kept;
}

/** Ours by RFC 5424's: informational, notice, warning, error, critical. */
const SYSLOG_SEVERITY = { 1: 6, 2: 5, 3: 4, 4: 3, 5: 2 } as const;
/** The two spaces around the structured data. */
const SEPARATORS = 2;
