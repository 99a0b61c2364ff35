import { Inject, Injectable } from '@nestjs/common';
import type { DecisionId, OrganisationId } from '@sallyport/kernel';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import { parseId } from '../../../platform/parse-id.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { decisionToGraphql, type DecisionRow } from '../decision-to-graphql.js';
import { conditionsOf, type DecisionFilter } from './decision-filter.js';
import { SELECT_DECISIONS } from './select-decisions.sql.js';

/** GraphQL's `Decision`. */
export type DecisionNode = ReturnType<typeof decisionToGraphql>;

/** What to list. */
export interface DecisionPage {
  readonly filter?: DecisionFilter | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** Looks decisions up. */
@Injectable()
export class DecisionQueries {
  constructor(@Inject(OrganisationReader) private readonly reader: OrganisationReader) {}

  /** Decisions with an outcome, newest first. */
  async list(organisationId: OrganisationId, page: DecisionPage): Promise<Connection<DecisionNode>> {
    const first = pageSize(page.first);
    const filter = conditionsOf(page.filter ?? {}, 3);
    const values: unknown[] = [organisationId, first + 1, ...filter.values];
    const before = beforeCursor(page.after, values);
    const rows = await this.reader.read(organisationId, (manager) =>
      manager.query<DecisionRow[]>(
        `${SELECT_DECISIONS} WHERE d.organisation_id = $1 AND d.decided_seq IS NOT NULL AND d.outcome IS NOT NULL${filter.sql}${before}
         ORDER BY d.at DESC, d.decision_id DESC LIMIT $2`,
        values,
      ),
    );
    return connectionOf(rows, first, { place: (row) => [row.at.toISOString(), row.decision_id], node: decisionToGraphql });
  }

  /** One decision, under way or ended. */
  async find(organisationId: OrganisationId, id: string): Promise<DecisionNode | null> {
    const decisionId = parseId<DecisionId>(id);
    if (decisionId === undefined) return null;
    const [row] = await this.reader.read(organisationId, (manager) =>
      manager.query<DecisionRow[]>(`${SELECT_DECISIONS} WHERE d.organisation_id = $1 AND d.decision_id = $2 AND d.decided_seq IS NOT NULL`, [
        organisationId,
        decisionId,
      ]),
    );
    return row === undefined ? null : decisionToGraphql(row);
  }
}

/** The condition that continues after a cursor; its values are added to `values`. A cursor of another list continues nowhere. */
function beforeCursor(after: string | null | undefined, values: unknown[]): string {
  const [at, id] = readCursor(after, 2) ?? [];
  if (at === undefined || id === undefined) return '';
  if (Number.isNaN(Date.parse(at)) || parseId(id) === undefined) return ' AND false';
  values.push(at, id);
  return ` AND (d.at, d.decision_id) < ($${values.length - 1}::timestamptz, $${values.length}::uuid)`;
}
