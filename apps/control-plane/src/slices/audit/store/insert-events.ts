import type { AuditFact, StoredEvent } from '@sallyport/audit-event';
import type { EpochMs, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { byteaArray, instantArray, textArray, uuidArray } from '../../../platform/persistence/binary-arrays.js';

/** A fact and what became of it. */
export interface SealedFact {
  readonly fact: AuditFact;
  readonly stored: StoredEvent;
}

/** Where events of one call go: they follow `after`, and are taken in at one instant. */
export interface InsertPlace {
  readonly organisationId: OrganisationId;
  /** The `seq` before the first of them. */
  readonly after: number;
  readonly at: EpochMs;
}

/** Events as the parameters of one statement. */
export type EventRows = readonly unknown[];

/**
 * Makes events ready to be written.
 *
 * @throws {RangeError} for a fact whose time is none, or whose id is no UUID.
 */
export function eventRows(place: InsertPlace, sealed: readonly SealedFact[]): EventRows {
  const texts = (of: (fact: AuditFact) => string | null): Buffer => textArray(sealed.map(({ fact }) => of(fact)));
  const ids = (of: (fact: AuditFact) => string | null): Buffer => uuidArray(sealed.map(({ fact }) => of(fact)));
  return [
    place.organisationId,
    place.after,
    new Date(place.at).toISOString(),
    byteaArray(sealed.map(({ stored }) => stored.hash), HASH_BYTES),
    textArray(sealed.map(({ stored }) => stored.line)),
    ids((fact) => fact.event_id),
    instantArray(sealed.map(({ fact }) => fact.time)),
    texts((fact) => fact.type),
    texts((fact) => fact.outcome ?? null),
    ids((fact) => uuidOrNull(fact.actor?.identity_id)),
    ids((fact) => uuidOrNull(fact.server?.id)),
    texts((fact) => textOrNull(fact.mcp?.tool)),
    texts((fact) => textOrNull(fact.decision?.rule_ids?.[0])),
    texts((fact) => textOrNull(fact.decision?.reason_code)),
  ];
}

/** Writes events in one statement. */
export async function insertEvents(manager: EntityManager, rows: EventRows): Promise<void> {
  await manager.query(INSERT_EVENTS, [...rows]);
}

const HASH_BYTES = 32;

const INSERT_EVENTS = `
  INSERT INTO audit_events (organisation_id, seq, sequenced_at, event_id, at, type, family, outcome, identity_id, server_id, tool, rule_id, reason_code, hash, line)
  SELECT $1::uuid, $2::bigint + n, $3::timestamptz, event_id, at, type, split_part(type, '.', 1), outcome, identity_id, server_id, tool, rule_id, reason_code, hash, line
  FROM unnest($4::bytea[], $5::text[], $6::uuid[], $7::timestamptz[], $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::text[])
       WITH ORDINALITY AS given (hash, line, event_id, at, type, outcome, identity_id, server_id, tool, rule_id, reason_code, n)`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** NUL, and a surrogate without its other half: PostgreSQL keeps neither. The line has them escaped. */
const UNSTORABLE = /[\0\p{Cs}]/gu;
/** Columns are for searching; an index takes no longer values. The line has the whole. */
const LONGEST_TEXT = 512;

function uuidOrNull(id: string | undefined): string | null {
  return id !== undefined && UUID.test(id) ? id : null;
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined ? null : text.replace(UNSTORABLE, '\ufffd').slice(0, LONGEST_TEXT);
}
