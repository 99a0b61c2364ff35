import type { OrganisationId } from '@sallyport/kernel';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { homeOf } from '../../../testing/audit-trail.js';
import { testId } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';
import type { AuditEventFilter } from './event-filter.js';
import { pageStatement, type AuditEventPage } from './event-queries.js';

const ROWS = 200_000;
const FIRST = 20;
const server = testId(7_000_003);
const identity = testId(7_000_005);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Two months of two organisations, written past the sequencer: what is looked at is the plan. */
function fill(organisationId: string): string {
  return `
    INSERT INTO audit_events (organisation_id, seq, sequenced_at, event_id, at, type, family, outcome, identity_id, server_id, tool, rule_id, reason_code, hash, line)
    SELECT '${organisationId}', 1000000 + n, t, gen_random_uuid(), t - interval '2 seconds',
      CASE WHEN n % 1000 = 0 THEN 'admin.grant.issued' WHEN n % 2 = 0 THEN 'call.decided' ELSE 'call.completed' END, CASE WHEN n % 1000 = 0 THEN 'admin' ELSE 'call' END,
      CASE WHEN n % 500 = 0 THEN 'denied' WHEN n % 700 = 0 THEN 'error' WHEN n % 2 = 0 THEN NULL ELSE 'allowed' END,
      CASE WHEN n % 3000 = 0 THEN '${identity}'::uuid ELSE ('01990000-0000-7000-8000-' || lpad((n % 50)::text, 12, '0'))::uuid END,
      CASE WHEN n % 3000 = 0 THEN '${server}'::uuid ELSE ('01990000-0000-7000-8000-' || lpad((100 + n % 20)::text, 12, '0'))::uuid END,
      CASE WHEN n % 3000 = 0 THEN 'rare_tool' ELSE 'tool_' || n % 100 END, CASE WHEN n % 3000 = 0 THEN '/rare' ELSE '/tools/' || n % 100 END,
      CASE WHEN n % 500 = 0 THEN 'rule_denied' END, sha256(n::text::bytea), '{"time":"' || to_char((t - interval '2 seconds') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}'
    FROM (SELECT n, timestamptz '2026-10-20T00:00:00Z' + n * interval '12 seconds' AS t FROM generate_series(1, ${ROWS / 2}) AS n) AS given`;
}

describe('a page of audit events', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  beforeAll(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
    await withDatabase(world.database.url, async (client) => {
      await client.query("CREATE TABLE audit_events_2026_10 PARTITION OF audit_events FOR VALUES FROM ('2026-10-01Z') TO ('2026-11-01Z')");
      for (const id of [home, testId(5)]) await client.query(fill(id));
      await client.query('ANALYZE audit_events');
    });
  }, 120_000);
  afterAll(() => world.close());

  const explained = (page: AuditEventPage): Promise<PlanNode> =>
    withDatabase(world.database.url, async (client: pg.Client) => {
      const { sql, values } = pageStatement(home, page);
      const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, [...values]);
      return (rows[0] as { 'QUERY PLAN': { Plan: PlanNode }[] })['QUERY PLAN'][0]?.Plan as PlanNode;
    });
  const nodesOf = (plan: PlanNode): readonly PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
  const readRows = (plan: PlanNode) =>
    nodesOf(plan).filter((node) => node['Relation Name']?.startsWith('audit_events') === true).reduce((sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'], 0);

  const FILTERS: Readonly<Record<string, AuditEventFilter>> = {
    nothing: {},
    'since and until': { since: '2026-10-22T00:00:00.000Z', until: '2026-10-28T00:00:00.000Z' },
    identity: { identity },
    server: { server },
    tool: { tool: 'rare_tool' },
    'an outcome': { outcome: ['denied'] },
    'the common outcome': { outcome: ['allowed'] },
    rule: { rule: '/rare' },
    reason: { reason: 'rule_denied' },
    type: { type: 'admin.grant.issued' },
    'a common type': { type: 'call.decided' },
    'a kind of type': { type: 'admin' },
    'a range of numbers': { fromSeq: 1_020_000, toSeq: 1_050_000 },
    'a time and a tool': { tool: 'rare_tool', until: '2026-10-28T00:00:00.000Z' },
  };

  it.each(Object.entries(FILTERS))('by %s reads as many rows as it has, from an index, whatever there is', async (_, filter) => {
    for (const after of [null, inTheMiddle(filter)]) {
      const plan = await explained({ filter, first: FIRST, after });
      const kinds = nodesOf(plan).map((node) => node['Node Type']);
      expect(kinds).not.toContain('Seq Scan');
      expect(kinds).not.toContain('Sort');
      expect(kinds).not.toContain('Incremental Sort');
      expect(readRows(plan)).toBeLessThanOrEqual((FIRST + 2) * 4);
    }
  });

  it('by several outcomes reads a page of each', async () => {
    const plan = await explained({ filter: { outcome: ['denied', 'error', 'limited'] }, first: FIRST });
    expect(nodesOf(plan).map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(readRows(plan)).toBeLessThanOrEqual((FIRST + 2) * 3 * 2);
  });

  it('goes on where the one before ended, and misses and repeats nothing', async () => {
    const list = async (filter: AuditEventFilter, first: number) => {
      const seqs: number[] = [];
      for (let after: string | null = null; ; ) {
        const { data, errors } = await world.ask('query ($filter: AuditEventFilter, $first: Int, $after: String) { auditEvents(filter: $filter, first: $first, after: $after) { nodes { seq } pageInfo { endCursor hasNextPage } } }', { variables: { filter, first, after } });
        expect(errors).toEqual([]);
        const page = data?.['auditEvents'] as { nodes: { seq: number }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
        seqs.push(...page.nodes.map(({ seq }) => seq));
        if (!page.pageInfo.hasNextPage) return seqs;
        after = page.pageInfo.endCursor;
      }
    };
    const small = await list({ tool: 'rare_tool' }, 7);
    expect(small).toEqual(await list({ tool: 'rare_tool' }, 100));
    expect(small).toEqual([...small].sort((one, other) => other - one));
    expect(small.length).toBe(33);
    expect(await list({ outcome: ['denied', 'error'] }, 90)).toHaveLength(200 + 142 - 28);
    expect(await list({ fromSeq: 1_000_100, toSeq: 1_000_350 }, 60)).toHaveLength(251);
  });

  it('of another list, or none at all, continues nowhere', async () => {
    const ask = (after: string) => world.ask('query ($after: String) { auditEvents(after: $after) { nodes { seq } } }', { variables: { after } });
    expect((await ask(Buffer.from('["nonsense","x"]').toString('base64url'))).data).toEqual({ auditEvents: { nodes: [] } });
    expect((await ask('nonsense')).errors[0]?.extensions['code']).toBe('bad_input');
  });

  it('holds events of the organisation alone', async () => {
    const { data } = await world.ask('{ auditEvents(filter: { tool: "rare_tool" }, first: 100) { nodes { seq } } }');
    expect((data?.['auditEvents'] as { nodes: unknown[] }).nodes).toHaveLength(33);
  });
});

/** A cursor in the middle of the list. */
function inTheMiddle(filter: AuditEventFilter): string {
  const place = filter.fromSeq === undefined ? ['2026-10-25T00:00:00.123456Z', 1_040_000] : [1_040_000];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}
