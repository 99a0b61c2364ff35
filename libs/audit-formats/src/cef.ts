import { type AuditEvent, cutText, type StoredEvent } from '@sallyport/audit-event';
import { refuse, type Result } from '@sallyport/kernel';

import type { DecodedEvent, FormatProblem } from './decoded-event.js';
import { epochMsOf, eventName, PRODUCT, productVersion, reasonOf, VENDOR } from './event-words.js';
import { cefHeader, cefValue, octetsOf, unescaped } from './escape-value.js';
import { MAX_KEYED_OCTETS } from './fit-leaves.js';
import { ipVersionOf } from './ip-address.js';
import { eventOfPairs, keyedText, type Pair, pairOf, shortValue } from './keyed-event.js';

/**
 * The event as ArcSight's Common Event Format, version 0: CEF's own keys for what they fit, then every leaf as `sallyport<Path>`. At most 7,500
 * octets: where that is too little, CEF's own keys go first, being said twice, then leaves as `fitLeaves` says.
 */
export function renderCef(event: AuditEvent, _stored: StoredEvent): string {
  const head = headerOf(event);
  return head + keyedText(event, { own: ownKeys(event), escape: cefValue, room: MAX_KEYED_OCTETS - octetsOf(head), delimiter: ' ' });
}

/** The event of a text that `renderCef` wrote. */
export function decodeCef(text: string): Result<DecodedEvent, FormatProblem> {
  const head = HEADER.exec(text)?.[0];
  if (head === undefined) return refuse({ message: 'The text has no CEF header.' });
  const pairs = text.slice(head.length).split(BETWEEN_PAIRS).map((pair) => pairOf(pair, unescaped));
  return eventOfPairs(pairs);
}

function headerOf(event: AuditEvent): string {
  const fields = [VENDOR, PRODUCT, cutText(productVersion(event), 31), cutText(event.type, 63), cutText(eventName(event), 63), String(CEF_SEVERITY[event.severity])];
  return `CEF:0|${fields.map(cefHeader).join('|')}|`;
}

function ownKeys(event: AuditEvent): readonly Pair[] {
  return [...aboutCall(event), ...aboutPeople(event), ...aboutDecision(event)].flatMap(([key, value]): readonly Pair[] =>
    value === undefined || value === '' ? [] : [[key, shortValue(String(value))]],
  );
}

type Draft = readonly [key: string, value: string | number | undefined];

function aboutCall(event: AuditEvent): readonly Draft[] {
  const { mcp, server, request, response, timing, admin } = event;
  return [
    ['rt', epochMsOf(event.time)],
    ['externalId', event.event_id],
    ['dvchost', event.gateway?.instance_id],
    ['dhost', server?.host],
    ['destinationServiceName', server?.alias],
    ['requestMethod', mcp?.method],
    ['request', mcp?.resource_uri],
    ['in', request?.args_bytes],
    ['out', response?.result_bytes],
    ...labelled('cs1', 'organisation', event.organisation_id),
    ...labelled('cs2', 'stream', event.stream),
    ...labelled('cs3', 'tool', mcp?.tool),
    ...labelled('cs6', 'object', admin === undefined ? undefined : `${admin.object_type}/${admin.object_id}`),
    ...labelled('cn1', 'seq', event.seq),
    ...labelled('cn3', 'gateway_us', timing?.gateway_us),
  ];
}

function aboutPeople({ actor, client, source }: AuditEvent): readonly Draft[] {
  const version = ipVersionOf(source?.ip);
  return [
    ['suid', actor?.identity_id],
    ['suser', actor?.name],
    ['spriv', actor?.roles?.join(',')],
    ['requestClientApplication', client?.user_agent ?? client?.name],
    ['src', version === 4 ? source?.ip : undefined],
    ...labelled('c6a2', 'Source IPv6 Address', version === 6 ? source?.ip : undefined),
    ['spt', source?.port],
  ];
}

function aboutDecision(event: AuditEvent): readonly Draft[] {
  const { decision, outcome } = event;
  return [
    ['act', decision?.effect],
    ['outcome', outcome],
    ['reason', reasonOf(event)],
    ...labelled('cs4', 'policy', decision?.policy_id),
    ...labelled('cs5', 'rules', decision?.rule_ids?.join(',')),
    ...labelled('cn2', 'policy_version', decision?.policy_version),
  ];
}

function labelled(key: string, label: string, value: string | number | undefined): readonly Draft[] {
  return value === undefined || value === '' ? [] : [[`${key}Label`, label], [key, value]];
}

/** Ours 1 to 5 in CEF's 0 to 10, each in the range that CEF calls so. */
const CEF_SEVERITY = { 1: 1, 2: 3, 3: 5, 4: 8, 5: 10 } as const;
const HEADER = /^CEF:0(?:\|(?:[^\\|]|\\.)*){6}\|/;
/** A space before a key: inside a value a `=` stands behind a `\`. */
const BETWEEN_PAIRS = / (?=[A-Za-z0-9]+=)/;
