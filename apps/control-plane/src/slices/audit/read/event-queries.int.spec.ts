import { SERVING_ROLE } from '@sallyport/event-log-postgres';
import type { OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { deepCursor, explainPage, fillEvents, RARE, searchesOf, type ExplainedPage } from '../../../testing/audit-searches.js';
import { homeOf } from '../../../testing/audit-trail.js';
import { testId } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';
import type { AuditEventFilter } from './event-filter.js';
import type { AuditEventPage } from './event-queries.js';

/** Of both organisations. `AUDIT_SEARCH_ROWS` looks at more; ten million are looked at by `npm run bench:audit -- --only search`. */
const ROWS = Number(process.env['AUDIT_SEARCH_ROWS'] ?? 200_000);
const FIRST = 20;
const FIRST_SEQ = 1_000_001;
const BEGAN = Date.parse('2026-10-20T00:00:00Z');
const EVERY_MS = 12_000 * (200_000 / ROWS);
const STRETCH = { firstSeq: FIRST_SEQ, lastSeq: FIRST_SEQ + ROWS / 2 - 1, fromMs: BEGAN, untilMs: BEGAN + (ROWS / 2) * EVERY_MS };

/** How many events of an organisation have a number that `n` divides. */
const dividedBy = (n: number): number => Math.floor(STRETCH.lastSeq / n) - Math.floor((FIRST_SEQ - 1) / n);

describe('a page of audit events', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  beforeAll(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
    await withDatabase(world.database.url, async (client) => {
      await client.query("CREATE TABLE audit_events_2026_10 PARTITION OF audit_events FOR VALUES FROM ('2026-10-01Z') TO ('2026-11-01Z')");
      for (const organisationId of [home, testId<OrganisationId>(5)]) {
        const { sql, values } = fillEvents({ table: 'audit_events', organisationId, firstSeq: FIRST_SEQ, events: ROWS / 2, from: new Date(BEGAN).toISOString(), everyMs: EVERY_MS, line: '{"seq":0,"time":""}' });
        await client.query(sql, [...values]);
      }
      await client.query('ANALYZE audit_events');
    });
  }, 240_000);
  afterAll(() => world.close());

  /** As the role that serves, which sees its own organisation's rows alone. */
  const explained = (page: AuditEventPage): Promise<ExplainedPage> =>
    withDatabase(world.database.url, async (client) => {
      await client.query(`SELECT set_config('role', '${SERVING_ROLE}', false), set_config('app.organisation', $1, false)`, [home]);
      return explainPage(async (sql, values) => (await client.query(sql, [...values])).rows, home, page);
    });

  it.each(Object.entries(searchesOf(STRETCH)))('by %s reads as many rows as it has, from an index, whatever there is', async (_, filter) => {
    for (const after of [null, deepCursor(filter, STRETCH)]) {
      const { steps, rowsRead, pagesRead } = await explained({ filter, first: FIRST, after });
      expect(steps).not.toContain('Seq Scan');
      expect(steps).not.toContain('Sort');
      expect(steps).not.toContain('Incremental Sort');
      expect(rowsRead).toBeLessThanOrEqual((FIRST + 2) * 4);
      expect(pagesRead).toBeLessThanOrEqual((FIRST + 2) * 4);
    }
  });

  it('by several outcomes reads a page of each', async () => {
    const { steps, rowsRead } = await explained({ filter: { outcome: ['denied', 'error', 'limited'] }, first: FIRST });
    expect(steps).not.toContain('Seq Scan');
    expect(rowsRead).toBeLessThanOrEqual((FIRST + 2) * 3 * 2);
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
    expect(small.length).toBe(dividedBy(RARE));
    expect(await list({ outcome: ['denied', 'error'] }, 90)).toHaveLength(dividedBy(500) + dividedBy(700) - dividedBy(3_500));
    expect(await list({ fromSeq: 1_000_100, toSeq: 1_000_350 }, 60)).toHaveLength(251);
  });

  it('ends at the earlier of a time and a cursor, to the microsecond', async () => {
    const times = async (filter: AuditEventFilter, after: string | null): Promise<readonly string[]> => {
      const { data } = await world.ask('query ($filter: AuditEventFilter, $after: String) { auditEvents(filter: $filter, first: 3, after: $after) { nodes { time } } }', { variables: { filter, after } });
      return (data?.['auditEvents'] as { nodes: { time: string }[] }).nodes.map(({ time }) => time);
    };
    const cursor = (at: string) => Buffer.from(JSON.stringify([at, 9_000_000])).toString('base64url');
    const [early, late] = ['2026-10-24T00:00:00.000Z', '2026-10-25T00:00:00.000Z'];
    const fromEarly = await times({ until: early }, null);
    expect(fromEarly[0]?.slice(0, 19)).toMatch(/^2026-10-23T23:59:/);
    expect(await times({ until: early }, cursor(late))).toEqual(fromEarly);
    expect(await times({ until: late }, cursor('2026-10-24T00:00:00.000000Z'))).toEqual(await times({}, cursor('2026-10-24T00:00:00.000000Z')));
    expect(await times({ until: early }, cursor('2026-10-24T00:00:00.000900Z'))).toEqual(fromEarly);
  });

  it('of another list, or none at all, continues nowhere', async () => {
    const ask = (after: string) => world.ask('query ($after: String) { auditEvents(after: $after) { nodes { seq } } }', { variables: { after } });
    expect((await ask(Buffer.from('["nonsense","x"]').toString('base64url'))).data).toEqual({ auditEvents: { nodes: [] } });
    expect((await ask('nonsense')).errors[0]?.extensions['code']).toBe('bad_input');
  });

  it('holds events of the organisation alone', async () => {
    const { data } = await world.ask('{ auditEvents(filter: { tool: "rare_tool" }, first: 100) { nodes { seq } } }');
    expect((data?.['auditEvents'] as { nodes: unknown[] }).nodes).toHaveLength(Math.min(dividedBy(RARE), 100));
  });
});
