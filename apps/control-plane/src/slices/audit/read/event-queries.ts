import { Inject, Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';
import type { EntityManager } from 'typeorm';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import { parseId } from '../../../platform/parse-id.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { conditionsOf, isBySeq, type AuditEventFilter } from './event-filter.js';
import { EVENT_COLUMNS, eventToGraphql, type AuditEventNode, type EventRow } from './event-row.js';

/** What to list. */
export interface AuditEventPage {
  readonly filter?: AuditEventFilter | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** A statement with its values. */
export interface PageStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const MOST_OUTCOMES = 8;

/** Looks audit events up. */
@Injectable()
export class AuditEventQueries {
  constructor(@Inject(OrganisationReader) private readonly reader: OrganisationReader) {}

  /** Events that match, newest first. */
  async list(organisationId: OrganisationId, page: AuditEventPage): Promise<Connection<AuditEventNode>> {
    const first = pageSize(page.first);
    const { sql, values } = pageStatement(organisationId, page);
    const rows = await this.reader.read(organisationId, (manager) => manager.query<EventRow[]>(sql, [...values]));
    const nodes = rows.map(eventToGraphql);
    const place = isBySeq(page.filter ?? {}) ? (node: AuditEventNode) => [node.seq] : (node: AuditEventNode) => [node.time, node.seq];
    return connectionOf(nodes, first, { place, node: (node) => node });
  }

  /** One event; `null` when there is none. */
  async find(organisationId: OrganisationId, id: string): Promise<AuditEventNode | null> {
    if (parseId(id) === undefined) return null;
    const [row] = await this.reader.read(organisationId, (manager) =>
      manager.query<EventRow[]>(`SELECT ${EVENT_COLUMNS} FROM audit_events WHERE organisation_id = $1 AND event_id = $2`, [organisationId, id]),
    );
    return row === undefined ? null : eventToGraphql(row);
  }
}

/** Events after a number, in their order, at most `limit`, in the caller's transaction. */
export function eventsAfter(manager: EntityManager, organisationId: OrganisationId, { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number }): Promise<EventRow[]> {
  return manager.query<EventRow[]>(`SELECT ${EVENT_COLUMNS} FROM audit_events WHERE organisation_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`, [organisationId, after, upTo, limit]);
}

/**
 * The statement of a page, with one row more than it has. Every condition has an index that ends in the order of the list, so a page costs
 * its own rows however many events there are. Of several outcomes each is asked for by itself, and the pages are merged.
 */
export function pageStatement(organisationId: OrganisationId, { filter, first, after }: AuditEventPage): PageStatement {
  const asked = filter ?? {};
  const values: unknown[] = [organisationId, pageSize(first) + 1];
  const put = (value: unknown): number => values.push(value);
  const ends = endsOf(asked, after);
  const conditions = conditionsOf(ends === 'cursor' ? { ...asked, until: null } : asked).map((condition) => ` AND ${condition.sql(put(condition.value))}`);
  const order = isBySeq(asked) ? 'seq DESC' : 'at DESC, seq DESC';
  const base = `organisation_id = $1${conditions.join('')}${ends === 'until' ? '' : beforeCursor(asked, after, put)}`;
  const of = (condition: string): string => `SELECT ${EVENT_COLUMNS}, at FROM audit_events WHERE ${base}${condition} ORDER BY ${order} LIMIT $2`;
  const outcomes = [...new Set(asked.outcome ?? [])];
  if (outcomes.length > MOST_OUTCOMES) throw new GraphQLError(`At most ${MOST_OUTCOMES} outcomes can be asked for at once.`, { extensions: { code: 'bad_input' } });
  const branches = outcomes.map((outcome) => of(` AND outcome = $${put(outcome)}`));
  if (branches.length < 2) return { sql: branches[0] ?? of(''), values };
  return { sql: `SELECT * FROM (${branches.map((branch) => `(${branch})`).join(' UNION ALL ')}) AS merged ORDER BY ${order} LIMIT $2`, values };
}

/**
 * Which of the two ends of a page in time has to be asked for: of `until` and the cursor, the earlier. Given both, PostgreSQL begins at `until`
 * and passes over every index entry from there to the cursor: a page would cost what lies before it.
 */
function endsOf(filter: AuditEventFilter, after: string | null | undefined): 'until' | 'cursor' | 'both' {
  const until = Date.parse(filter.until ?? '');
  const [at = ''] = isBySeq(filter) ? [] : (readCursor(after, 2) ?? []);
  const cursor = Date.parse(at);
  if (cursor < until) return 'cursor';
  return until < cursor ? 'until' : 'both';
}

/** The condition that continues after a cursor. A cursor of another list continues nowhere. */
function beforeCursor(filter: AuditEventFilter, after: string | null | undefined, put: (value: unknown) => number): string {
  if (isBySeq(filter)) {
    const [seq] = readCursor(after, 1) ?? [];
    if (seq === undefined) return '';
    return isNumber(seq) ? ` AND seq < $${put(seq)}::bigint` : ' AND false';
  }
  const [at, seq] = readCursor(after, 2) ?? [];
  if (at === undefined || seq === undefined) return '';
  if (Number.isNaN(Date.parse(at)) || !isNumber(seq)) return ' AND false';
  return ` AND (at, seq) < ($${put(at)}::timestamptz, $${put(seq)}::bigint)`;
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
