import { Inject, Injectable } from '@nestjs/common';
import type { Disagreement } from '@sallyport/audit';
import type { OrganisationId, PolicyId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { refusalAt } from '../../platform/commands/refusal-at.js';
import { decisionToGraphql, type DecisionRow } from '../decisions/decision-to-graphql.js';
import { SELECT_DECISIONS } from '../decisions/read/select-decisions.sql.js';
import { ReadPoints } from '../past/read-point.js';
import { policyRefusals, refusalMember } from './policy-refusals.js';
import { policyAt } from './read/policy-queries.js';

/** Of which version's run in shadow is asked; the one that runs now where `version` is left out. `since` is RFC 3339. */
export interface ShadowReportAsked {
  readonly policy: string;
  readonly version?: number | null;
  readonly since?: string | null;
  readonly first?: number | null;
}

interface Range {
  readonly organisationId: OrganisationId;
  readonly policyId: PolicyId;
  readonly version: number;
  readonly since: string;
}

const WEEK_MS = 7 * 86_400_000;
const MOST_LISTED = 100;
const DISAGREED = 'd.organisation_id = $1 AND d.policy_id = $2 AND d.at >= $3::timestamptz AND d.shadows IS NOT NULL AND d.decided_seq IS NOT NULL';

/** Counts and lists where a version in shadow disagreed with the one in force. */
@Injectable()
export class ShadowReport {
  constructor(@Inject(ReadPoints) private readonly points: ReadPoints) {}

  /** The disagreements since a time; refused where the policy is not there, or no version is named and none runs. */
  async run(organisationId: OrganisationId, asked: ShadowReportAsked) {
    const point = await this.points.at(organisationId, null);
    const row = await policyAt(point, asked.policy);
    if (row === null) return refusalMember(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: '/policy' }));
    const version = asked.version ?? row.shadowVersion;
    if (version === null || version < 1 || version > row.latestVersion) return refusalMember(refusalAt(policyRefusals, { code: 'policy.version_unknown', pointer: '/version' }));
    const range = { organisationId, policyId: row.policyId, version, since: asked.since ?? new Date(point.atMs - WEEK_MS).toISOString() };
    const first = Math.min(Math.max(asked.first ?? 20, 0), MOST_LISTED);
    const { calls, counts, rows } = await point.read(async (manager) => ({
      calls: await callsIn(manager, range),
      counts: await countsIn(manager, range),
      rows: await newestIn(manager, range, first),
    }));
    const of = (relation: Disagreement): number => counts.get(relation) ?? 0;
    return {
      __typename: 'ShadowReport' as const,
      policyId: row.policyId,
      version,
      since: range.since,
      calls,
      stricter: of('stricter'),
      looser: of('looser'),
      otherReason: of('other_reason'),
      disagreements: rows.map(decisionToGraphql),
    };
  }
}

async function callsIn(manager: EntityManager, { organisationId, policyId, since }: Range): Promise<number> {
  const [row] = await manager.query<{ count: string }[]>(
    'SELECT count(*) AS count FROM decisions d WHERE d.organisation_id = $1 AND d.policy_id = $2 AND d.at >= $3::timestamptz AND d.decided_seq IS NOT NULL',
    [organisationId, policyId, since],
  );
  return Number(row?.count ?? 0);
}

async function countsIn(manager: EntityManager, { organisationId, policyId, since, version }: Range): Promise<ReadonlyMap<string, number>> {
  const rows = await manager.query<{ relation: string; count: string }[]>(
    `SELECT s->>'relation' AS relation, count(*) AS count FROM decisions d, jsonb_array_elements(d.shadows) AS s
     WHERE ${DISAGREED} AND (s->>'policyVersion')::integer = $4 GROUP BY 1`,
    [organisationId, policyId, since, version],
  );
  return new Map(rows.map(({ relation, count }) => [relation, Number(count)]));
}

function newestIn(manager: EntityManager, { organisationId, policyId, since, version }: Range, take: number): Promise<readonly DecisionRow[]> {
  return manager.query<DecisionRow[]>(
    `${SELECT_DECISIONS} WHERE ${DISAGREED} AND (d.shadows->0->>'policyVersion')::integer = $4 ORDER BY d.at DESC, d.decision_id DESC LIMIT $5`,
    [organisationId, policyId, since, version, take],
  );
}
