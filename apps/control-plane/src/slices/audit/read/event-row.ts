import type { AuditEvent } from '@sallyport/audit-event';

/** Columns of an event that are read. */
export interface EventRow {
  readonly event_id: string;
  /** PostgreSQL's bigint comes as text. */
  readonly seq: string;
  readonly type: string;
  readonly outcome: string | null;
  readonly identity_id: string | null;
  readonly server_id: string | null;
  readonly tool: string | null;
  readonly rule_id: string | null;
  readonly reason_code: string | null;
  readonly hash: Buffer;
  readonly line: string;
}

/** The columns of `EventRow`. */
export const EVENT_COLUMNS = 'event_id, seq, type, outcome, identity_id, server_id, tool, rule_id, reason_code, hash, line';

/** An event as GraphQL shows it. */
export type AuditEventNode = ReturnType<typeof eventToGraphql>;

/** A row as GraphQL's `AuditEvent`. Names are those of the event itself. */
export function eventToGraphql(row: EventRow) {
  const event = JSON.parse(row.line) as Pick<AuditEvent, 'time' | 'actor' | 'server'>;
  return {
    id: row.event_id,
    seq: Number(row.seq),
    time: event.time,
    type: row.type,
    outcome: row.outcome,
    identityId: event.actor?.identity_id ?? null,
    identity: event.actor?.name ?? null,
    serverId: event.server?.id ?? null,
    server: event.server?.alias ?? null,
    tool: row.tool,
    ruleId: row.rule_id,
    reasonCode: row.reason_code,
    hash: row.hash.toString('hex'),
    line: row.line,
  };
}
