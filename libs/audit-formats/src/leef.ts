import { type AuditEvent, cutText, type StoredEvent } from '@sallyport/audit-event';
import { refuse, type Result } from '@sallyport/kernel';

import type { DecodedEvent, FormatProblem } from './decoded-event.js';
import { epochMsOf, PRODUCT, productVersion, reasonOf, VENDOR } from './event-words.js';
import { leefHeader, leefValue, octetsOf, unescaped } from './escape-value.js';
import { MAX_KEYED_OCTETS } from './fit-leaves.js';
import { eventOfPairs, keyedText, type Pair, pairOf, shortValue } from './keyed-event.js';

/**
 * The event as IBM QRadar's Log Event Extended Format 2.0, with the delimiter `x01`: LEEF's own attributes for what they fit, then every leaf as
 * `sallyport<Path>`. At most 7,500 octets, as in `renderCef`.
 */
export function renderLeef(event: AuditEvent, _stored: StoredEvent): string {
  const head = headerOf(event);
  return head + keyedText(event, { own: ownAttributes(event), escape: leefValue, room: MAX_KEYED_OCTETS - octetsOf(head), delimiter: DELIMITER });
}

/** The event of a text that `renderLeef` wrote. */
export function decodeLeef(text: string): Result<DecodedEvent, FormatProblem> {
  const head = HEADER.exec(text)?.[0];
  if (head === undefined) return refuse({ message: 'The text has no LEEF 2.0 header with the delimiter x01.' });
  const pairs = text.slice(head.length).split(DELIMITER).map((pair) => pairOf(pair, unescaped));
  return eventOfPairs(pairs);
}

function headerOf(event: AuditEvent): string {
  return `LEEF:2.0|${[VENDOR, PRODUCT, cutText(productVersion(event), 31), cutText(event.type, 63)].map(leefHeader).join('|')}|x01|`;
}

function ownAttributes(event: AuditEvent): readonly Pair[] {
  const { actor, source, server, mcp, decision } = event;
  const attributes: readonly (readonly [string, string | number | undefined])[] = [
    ['devTime', epochMsOf(event.time)],
    ['cat', event.type.split('.')[0]],
    ['sev', LEEF_SEVERITY[event.severity]],
    ['usrName', actor?.name],
    ['accountName', actor?.identity_id],
    ['role', actor?.roles?.join(',')],
    ['src', source?.ip],
    ['srcPort', source?.port],
    ['identHostName', event.gateway?.instance_id],
    ['resource', mcp?.tool ?? mcp?.resource_uri ?? server?.alias],
    ['policy', decision?.policy_id],
    ['action', event.outcome ?? decision?.effect],
    ['reason', reasonOf(event)],
  ];
  return attributes.flatMap(([key, value]): readonly Pair[] => (value === undefined || value === '' ? [] : [[key, shortValue(String(value))]]));
}

const LEEF_SEVERITY = { 1: 1, 2: 3, 3: 5, 4: 8, 5: 10 } as const;
const HEADER = /^LEEF:2\.0\|[^|]*\|[^|]*\|[^|]*\|[^|]*\|x01\|/;
const DELIMITER = '\u0001';
