import { FORMATS, renderSyslog, TRUNCATED_KEY } from '@sallyport/audit-formats';
import { canonicalJson, type JsonValue } from '@sallyport/kernel';
import type { OutgoingEvent } from '@sallyport/sinks';

/** The facilities that an audit stream is sent under (RFC 5424, 6.2.1): `authpriv`, `audit`, `local0` to `local7`. */
export const FACILITIES = { authpriv: 10, audit: 13, local0: 16, local1: 17, local2: 18, local3: 19, local4: 20, local5: 21, local6: 22, local7: 23 } as const;
export type Facility = keyof typeof FACILITIES;

/** The formats that fit one line of text. */
export const SYSLOG_FORMATS = ['native', 'ocsf', 'ecs', 'cef', 'leef'] as const;
export type SyslogFormat = (typeof SYSLOG_FORMATS)[number];

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

/**
 * One message of RFC 5424 for one event, one line: `<PRI>1 TIME HOST sallyport - TYPE [sd id= seq= stream= sallyportHash=] BODY`.
 *
 * The native body is the event's text in ASCII. Where the whole would be longer than `maxOctets`, it is reduced in the format's order, at last to
 * what proves the event, and `sallyportTruncated` names what was taken out. A body of another format is whole or not at all: null if it does not fit.
 */
export function syslogMessage(outgoing: OutgoingEvent, form: SyslogForm, replay: boolean): Buffer | null {
  const parts = takenApart(renderSyslog(outgoing.event, outgoing.stored));
  const write = (body: string, truncated: string): Buffer => {
    const cut = truncated === '' ? '' : ` ${TRUNCATED_KEY}="${truncated}"`;
    return Buffer.from(`<${FACILITIES[form.facility] * 8 + parts.severity}>${parts.head} [${form.sdId}${parts.parameters}${cut}${replay ? ' replay="true"' : ''}] ${body}`);
  };
  const fitting = (message: Buffer): Buffer | null => (message.byteLength <= form.maxOctets ? message : null);
  if (form.format !== 'native') return fitting(write(FORMATS[form.format].render(outgoing.event, outgoing.stored, form.formatVersion), ''));
  const whole = fitting(write(parts.truncated === '' ? parts.body : ascii(outgoing.stored.line), ''));
  return whole ?? fitting(write(parts.body, parts.truncated)) ?? write(...essence(outgoing));
}

interface Parts {
  readonly severity: number;
  readonly head: string;
  /** Of the structured data, without what was truncated. */
  readonly parameters: string;
  readonly truncated: string;
  readonly body: string;
}

function takenApart(message: string): Parts {
  const [all = '', priority = '', head = '', parameters = '', truncated = ''] = MESSAGE.exec(message) ?? [];
  return { severity: Number(priority) % 8, head, parameters, truncated, body: message.slice(all.length) };
}

/** What tells an event and proves its place, and the names of everything else. */
function essence({ event }: OutgoingEvent): readonly [body: string, truncated: string] {
  const members: readonly [string, unknown][] = Object.entries(event);
  const kept = Object.fromEntries(members.filter(([name]) => ESSENTIAL.includes(name)));
  const left = members.map(([name]) => name).filter((name) => !ESSENTIAL.includes(name));
  return [ascii(canonicalJson(kept as JsonValue)), left.map((name) => `/${name}`).join(',')];
}

function ascii(json: string): string {
  return json.replace(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const MESSAGE = new RegExp(`^<([0-9]{1,3})>(1 \\S+ \\S+ sallyport - \\S+) \\[\\S+((?: (?!${TRUNCATED_KEY})[A-Za-z]+="(?:[^"\\\\\\]]|\\\\.)*")*)(?: ${TRUNCATED_KEY}="([^"]*)")?\\] `);
const ESSENTIAL: readonly string[] = ['schema', 'event_id', 'organisation_id', 'stream', 'seq', 'time', 'observed_time', 'type', 'outcome', 'severity', 'integrity'];
