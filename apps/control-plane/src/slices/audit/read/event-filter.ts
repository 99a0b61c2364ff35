import { parseId } from '../../../platform/parse-id.js';
import type { AuditEventNode } from './event-row.js';

/** GraphQL's `AuditEventFilter`; what is absent or null matches everything. Instants are RFC 3339. */
export interface AuditEventFilter {
  readonly since?: string | null;
  readonly until?: string | null;
  readonly identity?: string | null;
  readonly server?: string | null;
  readonly tool?: string | null;
  readonly outcome?: readonly string[] | null;
  readonly rule?: string | null;
  readonly reason?: string | null;
  readonly type?: string | null;
  readonly fromSeq?: number | null;
  readonly toSeq?: number | null;
}

/** A condition on `audit_events`, its value at `$n`. */
export interface Condition {
  readonly sql: (n: number) => string;
  readonly value: unknown;
}

/** The conditions of a filter but for its outcomes, of which any may match. `$1` is the organisation. */
export function conditionsOf(filter: AuditEventFilter): readonly Condition[] {
  return [
    identity(filter.identity),
    server(filter.server),
    equal('tool', filter.tool),
    equal('rule_id', filter.rule),
    equal('reason_code', filter.reason),
    equal(filter.type?.includes('.') === true ? 'type' : 'family', filter.type),
    when(filter.since, (n) => `at >= $${n}::timestamptz`),
    when(filter.until, (n) => `at < $${n}::timestamptz`),
    when(wholeNumber(filter.fromSeq), (n) => `seq >= $${n}::bigint`),
    when(wholeNumber(filter.toSeq), (n) => `seq <= $${n}::bigint`),
  ].filter((condition) => condition !== undefined);
}

/** Whether a filter asks for a range of numbers: then the list is in their order. */
export function isBySeq({ fromSeq, toSeq }: AuditEventFilter): boolean {
  return !isAbsent(fromSeq) || !isAbsent(toSeq);
}

/** Whether an event matches, but for times and numbers. */
export function matches(filter: AuditEventFilter, event: AuditEventNode): boolean {
  return (
    (isAbsent(filter.identity) || filter.identity === event.identityId || filter.identity === event.identity) &&
    (isAbsent(filter.server) || filter.server === event.serverId || filter.server === event.server) &&
    (isAbsent(filter.tool) || filter.tool === event.tool) &&
    (isAbsent(filter.outcome) || (event.outcome !== null && filter.outcome.includes(event.outcome))) &&
    (isAbsent(filter.rule) || filter.rule === event.ruleId) &&
    (isAbsent(filter.reason) || filter.reason === event.reasonCode) &&
    (isAbsent(filter.type) || filter.type === event.type || event.type.startsWith(`${filter.type}.`))
  );
}

function identity(named: string | null | undefined): Condition | undefined {
  if (isAbsent(named)) return undefined;
  if (parseId(named) !== undefined) return { sql: (n) => `identity_id = $${n}::uuid`, value: named };
  return { sql: (n) => `identity_id = (SELECT i.identity_id FROM identity_names i WHERE i.organisation_id = $1 AND i.name = $${n} LIMIT 1)`, value: named };
}

function server(named: string | null | undefined): Condition | undefined {
  if (isAbsent(named)) return undefined;
  if (parseId(named) !== undefined) return { sql: (n) => `server_id = $${n}::uuid`, value: named };
  return { sql: (n) => `server_id = (SELECT s.server_id FROM servers s WHERE s.organisation_id = $1 AND s.slug = $${n})`, value: named };
}

function equal(column: string, value: string | null | undefined): Condition | undefined {
  return when(value, (n) => `${column} = $${n}`);
}

function when(value: string | number | null | undefined, sql: Condition['sql']): Condition | undefined {
  return isAbsent(value) ? undefined : { sql, value };
}

/** Numbers come as floats: a part of a number is none of an event. */
function wholeNumber(value: number | null | undefined): number | null | undefined {
  return typeof value === 'number' ? Math.min(Math.max(Math.trunc(value), 0), Number.MAX_SAFE_INTEGER) : value;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
