import { createHash } from 'node:crypto';

import type { AuditEvent, AuditFact, StoredEvent } from '@sallyport/audit-event';
import { canonicalJson, type JsonObject } from '@sallyport/kernel';

import type { OutgoingBatch, OutgoingEvent } from '../sink.js';

/** The organisation of the events that builders make, unless told otherwise. */
export const ORGANISATION = '0199c8b4-1111-7000-8000-000000000001';

const FIRST_MS = 1_760_000_000_000;

/** What an event of a test is about. */
export interface EventWish {
  readonly stream?: string;
  readonly type?: AuditEvent['type'];
  readonly outcome?: AuditEvent['outcome'];
  readonly eventId?: string;
  readonly atMs?: number;
  /** Characters of a label, to make an event as long as a test needs. */
  readonly padding?: number;
  readonly fact?: Partial<AuditFact>;
}

/** An event in its place, as a receiver would get it: canonical, with a hash that is its own; not chained to the one before. */
export function anOutgoingEvent(seq: number, wish: EventWish = {}): OutgoingEvent {
  const atMs = wish.atMs ?? FIRST_MS + seq;
  const stream = wish.stream ?? ORGANISATION;
  const fact: AuditFact = {
    event_id: wish.eventId ?? `0199c8b4-0000-7000-8000-${String(seq).padStart(12, '0')}`,
    organisation_id: stream,
    time: micro(atMs),
    type: wish.type ?? 'call.decided',
    severity: 1,
    ...(wish.type?.startsWith('export.') === true ? {} : callFields(wish)),
    ...(wish.padding === undefined ? {} : { ext: { padding: 'x'.repeat(wish.padding) } }),
    ...wish.fact,
  };
  const open = { ...fact, schema: 'sallyport.audit/1' as const, stream, seq, observed_time: micro(atMs + 5) };
  return sealed(open);
}

/** Events with following numbers. */
export function outgoingEvents(count: number, firstSeq = 1, wish: EventWish = {}): readonly OutgoingEvent[] {
  return Array.from({ length: count }, (_, at) => anOutgoingEvent(firstSeq + at, wish));
}

/** A batch of events as the exporter would hand it over. */
export function aBatch(events: readonly OutgoingEvent[], replay = false): OutgoingBatch {
  const seqs = events.map((event) => event.stored.seq);
  return { batchId: `batch-${seqs.join('.')}${replay ? '-replay' : ''}`, events, replay, checkpoint: null };
}

function callFields(wish: EventWish): Partial<AuditFact> {
  return {
    outcome: wish.outcome ?? 'allowed',
    actor: { identity_id: '0199c8b4-2222-7000-8000-000000000002', kind: 'agent', name: 'ledger bot' },
    server: { id: '0199c8b4-3333-7000-8000-000000000003', alias: 'books' },
    mcp: { method: 'tools/call', tool: 'books__pay', tool_upstream: 'pay', effect: 'Financial' },
    decision: { decision_id: '0199c8b4-4444-7000-8000-000000000004', effect: 'allow', reason_code: 'allowed' },
  };
}

function sealed(open: Omit<AuditEvent, 'integrity'>): OutgoingEvent {
  const integrity = { alg: 'sha-256', canon: 'rfc8785', prev_hash: '0'.repeat(64), key_epoch: 1 } as const;
  const hash = createHash('sha256').update(Uint8Array.of(0)).update(jcs({ ...open, integrity })).digest('hex');
  const event: AuditEvent = { ...open, integrity: { ...integrity, hash } };
  const { stream, seq, type, time } = open;
  const stored: StoredEvent = { stream, seq, eventId: open.event_id, type, outcome: open.outcome ?? null, time, hash, line: jcs(event) };
  return { stored, event };
}

const jcs = (value: object): string => canonicalJson(value as JsonObject);
const micro = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
