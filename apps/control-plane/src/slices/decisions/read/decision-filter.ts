import type { Outcome } from '@sallyport/audit';

import { parseId } from '../../../platform/parse-id.js';
import type { DecisionRow } from '../decision-to-graphql.js';

/** GraphQL's `DecisionFilter`; what is absent or null matches everything. Instants are RFC 3339. */
export interface DecisionFilter {
  readonly identity?: string | null;
  readonly server?: string | null;
  readonly tool?: string | null;
  readonly outcome?: readonly Outcome[] | null;
  readonly grant?: string | null;
  readonly rule?: string | null;
  readonly reason?: string | null;
  readonly since?: string | null;
  readonly until?: string | null;
}

/** A condition of a WHERE clause with its value at `$n`. */
interface Condition {
  readonly sql: (n: number) => string;
  readonly value: unknown;
}

/** The conditions of a filter on `decisions d`, numbering values from `firstValue`. */
export function conditionsOf(filter: DecisionFilter, firstValue: number): { readonly sql: string; readonly values: readonly unknown[] } {
  const conditions = [identity(filter.identity), server(filter.server), grant(filter.grant), ...equalities(filter), ...times(filter)].filter(
    (condition) => condition !== undefined,
  );
  return {
    sql: conditions.map((condition, index) => ` AND ${condition.sql(firstValue + index)}`).join(''),
    values: conditions.map((condition) => condition.value),
  };
}

/** Whether a decision just stored matches; `since` and `until` are not looked at. */
export function matches(filter: DecisionFilter, row: DecisionRow): boolean {
  const { outcome } = row;
  return (
    (isAbsent(filter.identity) || filter.identity === row.identity_id || filter.identity === row.identity_name) &&
    (isAbsent(filter.server) || filter.server === row.server_id || filter.server === row.server_slug) &&
    (isAbsent(filter.tool) || filter.tool === row.tool) &&
    (isAbsent(filter.outcome) || (outcome !== null && filter.outcome.includes(outcome))) &&
    (isAbsent(filter.grant) || filter.grant === row.grant_id) &&
    (isAbsent(filter.rule) || filter.rule === row.rule_id) &&
    (isAbsent(filter.reason) || filter.reason === row.reason_code)
  );
}

function identity(named: string | null | undefined): Condition | undefined {
  if (isAbsent(named)) return undefined;
  if (parseId(named) !== undefined) return { sql: (n) => `d.identity_id = $${n}`, value: named };
  const ofName = 'SELECT i.identity_id FROM identity_names i WHERE i.organisation_id = $1 AND i.name';
  return { sql: (n) => `d.identity_id IN (${ofName} = $${n})`, value: named };
}

function server(named: string | null | undefined): Condition | undefined {
  if (isAbsent(named)) return undefined;
  const column = parseId(named) === undefined ? 'server_slug' : 'server_id';
  return { sql: (n) => `d.${column} = $${n}`, value: named };
}

function grant(id: string | null | undefined): Condition | undefined {
  if (isAbsent(id)) return undefined;
  return parseId(id) === undefined ? { sql: (n) => `$${n}::text IS NULL`, value: id } : { sql: (n) => `d.grant_id = $${n}`, value: id };
}

function equalities(filter: DecisionFilter): readonly (Condition | undefined)[] {
  return [
    equal('tool', filter.tool),
    equal('rule_id', filter.rule),
    equal('reason_code', filter.reason),
    isAbsent(filter.outcome) ? undefined : { sql: (n) => `d.outcome = ANY ($${n}::text[])`, value: filter.outcome },
  ];
}

function times(filter: DecisionFilter): readonly (Condition | undefined)[] {
  return [
    isAbsent(filter.since) ? undefined : { sql: (n) => `d.at >= $${n}::timestamptz`, value: filter.since },
    isAbsent(filter.until) ? undefined : { sql: (n) => `d.at < $${n}::timestamptz`, value: filter.until },
  ];
}

function equal(column: string, value: string | null | undefined): Condition | undefined {
  return isAbsent(value) ? undefined : { sql: (n) => `d.${column} = $${n}`, value };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
