import type { AuditFact, StoredEvent } from '@sallyport/audit-event';
import type { EpochMs, OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

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

/**
 * Writes events in one statement. Lines travel as one text, which no canonical JSON has a line feed in, and hashes as one value:
 * arrays would have every quote of them escaped and read again.
 */
export async function insertEvents(manager: EntityManager, place: InsertPlace, sealed: readonly SealedFact[]): Promise<void> {
  const column = (of: (fact: AuditFact) => string | null): readonly (string | null)[] => sealed.map(({ fact }) => of(fact));
  await manager.query(INSERT_EVENTS, [
    place.organisationId,
    place.after,
    new Date(place.at).toISOString(),
    Buffer.from(sealed.map(({ stored }) => stored.hash).join(''), 'hex'),
    sealed.map(({ stored }) => stored.line).join('\n'),
    column((fact) => fact.event_id),
    column((fact) => fact.time),
    column((fact) => fact.type),
    column((fact) => fact.outcome ?? null),
    column((fact) => uuidOrNull(fact.actor?.identity_id)),
    column((fact) => uuidOrNull(fact.server?.id)),
    column((fact) => textOrNull(fact.mcp?.tool)),
    column((fact) => textOrNull(fact.decision?.rule_ids?.[0])),
    column((fact) => textOrNull(fact.decision?.reason_code)),
  ]);
}

const INSERT_EVENTS = `
  INSERT INTO audit_events (organisation_id, seq, sequenced_at, event_id, at, type, family, outcome, identity_id, server_id, tool, rule_id, reason_code, hash, line)
  SELECT $1::uuid, $2::bigint + n, $3::timestamptz, event_id, at, type, split_part(type, '.', 1), outcome, identity_id, server_id, tool, rule_id, reason_code,
         substr($4::bytea, (n - 1)::int * 32 + 1, 32), line
  FROM unnest(string_to_array($5::text, E'\\n'), $6::uuid[], $7::timestamptz[], $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::text[])
       WITH ORDINALITY AS given (line, event_id, at, type, outcome, identity_id, server_id, tool, rule_id, reason_code, n)`;

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
