import type { OrganisationId } from '@sallyport/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../../testing/a-control-plane.js';
import { anOrganisation } from '../../../testing/an-organisation.js';
import { homeOf } from '../../../testing/audit-trail.js';
import { aDecided, sequenced } from '../../../testing/decision-records.js';
import { withDatabase } from '../../../testing/tables-of.js';

interface Pulled {
  readonly lines: readonly string[];
  readonly lastSeq: number;
  readonly newestSeq: number;
  readonly gap: { readonly fromSeq: number; readonly toSeq: number } | null;
  readonly checkpoint: { readonly size: number } | null;
}

const QUERY = 'query ($afterSeq: Float!, $first: Int, $scope: AuditScope) { auditPull(afterSeq: $afterSeq, first: $first, scope: $scope) { lines lastSeq newestSeq gap { fromSeq toSeq } checkpoint { size root signedAt keyId note } } }';

describe('pulling an audit stream', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  let calls = 0;
  beforeAll(async () => {
    world = await aControlPlane();
    home = await homeOf(world);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    const from = calls;
    calls += 30;
    await world.plane.auditBus.publish(sequenced(...Array.from({ length: 30 }, (_, n) => aDecided(home, from + n + 1, { effect: 'deny', outcome: 'denied' }))));
    await world.plane.auditTold();
    await world.plane.signAuditHeads();
  });

  const ask = (variables: Readonly<Record<string, unknown>>, token = world.operatorToken) => world.ask(QUERY, { variables, token });
  const pull = async (afterSeq: number, first?: number): Promise<Pulled> => (await ask({ afterSeq, ...(first === undefined ? {} : { first }) })).data?.['auditPull'] as Pulled;
  const seqsOf = ({ lines }: Pulled): readonly number[] => lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
  const upTo = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const run = (sql: string) => withDatabase(world.database.url, async (client) => (await client.query(sql)).rows);

  it('brings every event once, in order, however many are asked for at a time', async () => {
    for (const first of [1, 7, 1_000]) {
      const seen: number[] = [];
      for (let last = 0; ; ) {
        const page = await pull(last, first);
        seen.push(...seqsOf(page));
        expect(page.gap).toBeNull();
        if (page.lines.length === 0) break;
        expect(page.lastSeq).toBe(seen.at(-1));
        last = page.lastSeq;
      }
      expect(seen).toEqual(upTo(1, (await pull(0, 1)).newestSeq));
    }
  });

  it('gives the canonical lines as they are stored, and the newest signed head', async () => {
    const page = await pull(0);
    const stored = await run(`SELECT line FROM audit_events WHERE organisation_id = '${home}' ORDER BY seq`);
    expect(page.lines).toEqual(stored.map(({ line }) => String(line)));
    expect(page.checkpoint?.size).toBeGreaterThan(30);
  });

  it('answers at the end of the stream with where it stands, and tells a stream that is shorter than it was', async () => {
    const { newestSeq } = await pull(0, 1);
    expect(await pull(newestSeq)).toMatchObject({ lines: [], lastSeq: newestSeq, newestSeq, gap: null });
    expect(await pull(newestSeq + 50)).toMatchObject({ lines: [], lastSeq: newestSeq + 50, newestSeq, gap: null });
  });

  it('ends an answer before it grows too large, but not before its first event', async () => {
    const { newestSeq } = await pull(0, 1);
    await run(`UPDATE audit_events SET line = '{"seq":' || seq || ',"x":"' || repeat('ü', CASE seq WHEN ${newestSeq - 8} THEN 5000000 ELSE 1500000 END) || '"}' WHERE organisation_id = '${home}' AND seq > ${newestSeq - 10}`);
    expect(seqsOf(await pull(newestSeq - 10))).toEqual([newestSeq - 9]);
    expect(seqsOf(await pull(newestSeq - 9))).toEqual([newestSeq - 8]);
    expect(seqsOf(await pull(newestSeq - 8))).toEqual([newestSeq - 7, newestSeq - 6]);
  });

  it('tells what retention has removed, also what it is removing', async () => {
    await run(`UPDATE audit_heads SET oldest_seq = 6 WHERE organisation_id = '${home}'`);
    expect(await pull(0, 10)).toMatchObject({ gap: { fromSeq: 1, toSeq: 5 }, lastSeq: 10 });
    expect(seqsOf(await pull(0, 10))).toEqual(upTo(6, 10));
    expect(await pull(0, 3)).toMatchObject({ lines: [], gap: { fromSeq: 1, toSeq: 5 }, lastSeq: 5 });
    await run(`DELETE FROM audit_events WHERE organisation_id = '${home}' AND seq < 6`);
    expect(await pull(0, 3)).toMatchObject({ gap: { fromSeq: 1, toSeq: 5 }, lastSeq: 8 });
    expect(await pull(3, 3)).toMatchObject({ gap: { fromSeq: 4, toSeq: 5 }, lastSeq: 8 });
    expect(await pull(5, 3)).toMatchObject({ gap: null, lastSeq: 8 });
  });

  it.each([{ afterSeq: -1 }, { afterSeq: 0.5 }, { afterSeq: 0, first: 0 }, { afterSeq: 0, first: 1_001 }])('refuses %o', async (variables) => {
    expect((await ask(variables)).errors[0]?.extensions['code']).toBe('bad_input');
  });

  it('is for auditors and admins, each for their own organisation, and the deployment’s own stream for operators', async () => {
    const other = await anOrganisation(world, 'Other');
    for (const role of ['viewer', 'policy_manager'] as const) expect((await ask({ afterSeq: 0 }, await other.tokenOf(role))).errors[0]?.extensions['code']).toBe('forbidden');
    const { data } = await ask({ afterSeq: 0 }, await other.tokenOf('auditor'));
    for (const line of (data?.['auditPull'] as Pulled).lines) expect(JSON.parse(line)).toMatchObject({ stream: other.id });
    expect((await ask({ afterSeq: 0, scope: 'deployment' }, other.adminToken)).errors[0]?.extensions['code']).toBe('forbidden');
    expect((await ask({ afterSeq: 0, scope: 'deployment' })).errors).toEqual([]);
  });
});
