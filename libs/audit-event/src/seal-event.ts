import type { AuditEvent, AuditFact } from './audit-event.js';
import { AUDIT_SCHEMA } from './audit-event.js';
import { canonicalText } from './canonical-text.js';
import { cutFact, CUTS } from './cut-fact.js';
import { membersEncoder } from './encode-fields.js';
import { FIELD_CATALOGUE } from './field-catalogue.js';
import { fieldTree } from './field-tree.js';
import { hexOf, type Sha256 } from './sha256.js';
import type { StoredEvent } from './stored-event.js';

/** Where an event comes to stand. */
export interface EventPlace {
  /** The organisation's id, or `_deployment`. */
  readonly stream: string;
  readonly seq: number;
  /** As `microTime` writes it. */
  readonly observedTime: string;
  /** `hash` of the event before; `genesisHash` for the first. */
  readonly prevHash: string;
  readonly keyEpoch: number;
}

/** Most bytes of an event's line. */
export const MAX_LINE_BYTES = 65_536;

/**
 * Puts a fact in its place: the event's line, RFC 8785 of the whole event, and its hash, SHA-256 over `0x00` and RFC 8785 of the event without
 * `integrity.hash`.
 *
 * Total. Only fields of `FIELD_CATALOGUE` are written; what says nothing (undefined, an empty list, an empty object) is absent; NUL and lone
 * surrogates become U+FFFD; a fact whose line would be longer than `MAX_LINE_BYTES` is cut as `CUTS` says, and names what was cut.
 */
export function sealEvent(fact: AuditFact, place: EventPlace, sha256: Sha256): StoredEvent {
  let written = writeEvent(fact, place);
  for (let cut = 0; cut < CUTS.length && written.bytes.length > MAX_LINE_BYTES - HASH_MEMBER_BYTES; cut += 1) {
    written = writeEvent(cutFact(fact, cut), place);
  }
  const hash = hexOf(sha256(LEAF, written.bytes));
  return {
    stream: place.stream,
    seq: place.seq,
    eventId: fact.event_id,
    type: fact.type,
    outcome: fact.outcome ?? null,
    time: fact.time,
    hash,
    line: `${written.head}"hash":"${hash}",${written.tail}`,
  };
}

interface WrittenEvent {
  /** Up to where `integrity.hash` belongs, and from there on. */
  readonly head: string;
  readonly tail: string;
  readonly bytes: Uint8Array;
}

function writeEvent(fact: AuditFact, place: EventPlace): WrittenEvent {
  const event = unsealed(fact, place);
  const head = `${before('', '{', event)},"integrity":{"alg":"sha-256","canon":"rfc8785",`;
  const tail = `${after('', `"key_epoch":${place.keyEpoch},"prev_hash":${canonicalText(place.prevHash)}},`, event)}}`;
  return { head, tail, bytes: utf8.encode(head + tail) };
}

type Unsealed = { readonly [Name in Exclude<keyof AuditEvent, 'integrity'>]-?: AuditEvent[Name] | undefined };

/** One object of one shape for every event: spreading the fact instead would take longer than writing it. */
function unsealed(fact: AuditFact, place: EventPlace): Unsealed {
  return {
    actor: fact.actor,
    admin: fact.admin,
    checkpoint: fact.checkpoint,
    client: fact.client,
    counted: fact.counted,
    decision: fact.decision,
    event_id: fact.event_id,
    export: fact.export,
    ext: fact.ext,
    gateway: fact.gateway,
    key: fact.key,
    list: fact.list,
    mcp: fact.mcp,
    observed_time: place.observedTime,
    organisation_id: fact.organisation_id,
    outcome: fact.outcome,
    reason: fact.reason,
    request: fact.request,
    response: fact.response,
    schema: AUDIT_SCHEMA,
    seq: place.seq,
    server: fact.server,
    severity: fact.severity,
    source: fact.source,
    stream: place.stream,
    time: fact.time,
    timing: fact.timing,
    trace: fact.trace,
    type: fact.type,
  };
}

const TREE = fieldTree(FIELD_CATALOGUE);
const before = membersEncoder(TREE.filter((field) => field.key < 'integrity'));
const after = membersEncoder(TREE.filter((field) => field.key > 'integrity'));
const utf8 = new TextEncoder();
const LEAF = Uint8Array.of(0);
const HASH_MEMBER_BYTES = '"hash":"",'.length + 64;
