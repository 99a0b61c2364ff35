import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';
import { canonicalJson, refuse, type Result } from '@sallyport/kernel';

import { type DecodedEvent, eventOfValue, type FormatProblem, jsonObjectOf } from './decoded-event.js';
import { eventOfLeaves, leavesOf, type LeafText } from './event-leaves.js';
import { octetsOf } from './escape-value.js';
import { fitLeaves, MAX_KEYED_OCTETS, TRUNCATED_KEY } from './fit-leaves.js';

/**
 * The event as a message of RFC 5424: `<PRI>1 TIME HOST sallyport - TYPE [sallyport@32473 id="…" seq="…" stream="…" sallyportHash="…"] JSON`, one line of
 * ASCII, so that no receiver has to guess an encoding or a line's end. The message is the event's text, with `\u` escapes for what is not ASCII; where
 * the whole would be longer than 7,500 octets, leaves go as `fitLeaves` says and `sallyportTruncated` names them.
 */
export function renderSyslog(event: AuditEvent, stored: StoredEvent): string {
  const head = headerOf(event);
  const whole = `${head} ${structuredData(event, [])} ${ascii(stored.line)}`;
  if (whole.length <= MAX_KEYED_OCTETS) return whole;
  const room = MAX_KEYED_OCTETS - head.length - structuredData(event, []).length - GROUPS_OCTETS;
  const { leaves, truncated } = fitLeaves(leavesOf(event), room, jsonSize);
  return `${head} ${structuredData(event, truncated)} ${ascii(canonicalJson(eventOfLeaves(leaves)))}`;
}

/** The event of a text that `renderSyslog` wrote. */
export function decodeSyslog(text: string): Result<DecodedEvent, FormatProblem> {
  const parts = MESSAGE.exec(text);
  const value = parts === null ? undefined : jsonObjectOf(text.slice(parts[0].length));
  if (parts === null || value === undefined) return refuse({ message: 'The text is no RFC 5424 message with an audit event.' });
  return eventOfValue(value, TRUNCATED.exec(parts[0])?.[1]?.split(',') ?? []);
}

function headerOf(event: AuditEvent): string {
  const priority = AUDIT_FACILITY * 8 + SYSLOG_SEVERITY[event.severity];
  return `<${priority}>1 ${event.time} ${printable(event.gateway?.instance_id ?? '', 255)} sallyport - ${printable(event.type, 32)}`;
}

function structuredData(event: AuditEvent, truncated: readonly string[]): string {
  const parameters = [
    ['id', event.event_id],
    ['seq', String(event.seq)],
    ['stream', printable(event.stream, 64)],
    ['sallyportHash', event.integrity.hash],
    ...(truncated.length === 0 ? [] : [[TRUNCATED_KEY, truncated.join(',')]]),
  ];
  return `[${SD_ID}${parameters.map(([name, value]) => ` ${name}="${(value ?? '').replace(/["\\\]]/g, '\\$&')}"`).join('')}]`;
}

/** Octets of a leaf in JSON with its name, at most. */
function jsonSize({ leaf, text }: LeafText): number {
  return octetsOf(ascii(JSON.stringify(text))) + leaf.pointer.length + 4;
}

function ascii(json: string): string {
  return json.replace(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A field of a header is printable ASCII without spaces, or `-`. */
function printable(text: string, maxLength: number): string {
  const kept = text.replace(/[^\u0021-\u007e]/g, '_').slice(0, maxLength);
  return kept === '' ? '-' : kept;
}

/** RFC 5424 section 6.2.1: log audit. */
const AUDIT_FACILITY = 13;
/** Ours by RFC 5424's: informational, notice, warning, error, critical. */
const SYSLOG_SEVERITY = { 1: 6, 2: 5, 3: 4, 4: 3, 5: 2 } as const;
/** The private enterprise number that RFC 5612 keeps for what has none. */
const SD_ID = 'sallyport@32473';
const MESSAGE = /^<\d{1,3}>1 \S+ \S+ sallyport - \S+ \[sallyport@32473(?: [A-Za-z]+="(?:[^"\\\]]|\\.)*")*\] (?=\{)/;
const TRUNCATED = new RegExp(` ${TRUNCATED_KEY}="([^"]*)"`);
/** Names and braces of all groups. */
const GROUPS_OCTETS = 300;
