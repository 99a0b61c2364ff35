import type { DecidedRecord, DecisionRecord, SequencedRecord } from '@sallyport/audit';
import { branded, type EpochMs, type OrganisationId, type PolicyId } from '@sallyport/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { aControlPlane, type TestControlPlane } from '../../testing/a-control-plane.js';
import { aCompleted, aDecided, sequenced, testId } from '../../testing/decision-records.js';
import { withDatabase } from '../../testing/tables-of.js';

const LIST = `query ($filter: DecisionFilter, $first: Int, $after: String) {
  decisions(filter: $filter, first: $first, after: $after) { nodes { decisionId outcome tool identity durationMs argumentKeys } pageInfo { endCursor hasNextPage } } }`;

interface Listed {
  readonly nodes: readonly { readonly decisionId: string; readonly outcome: string }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

describe('decisions', () => {
  let world: TestControlPlane;
  let home: OrganisationId;
  const store = (...records: readonly DecisionRecord[]) => world.plane.auditBus.publish(sequenced(...records));
  const list = async (variables: Readonly<Record<string, unknown>> = {}) => {
    const { data, errors } = await world.ask(LIST, { variables });
    if (data === null) throw new Error(JSON.stringify(errors));
    return data['decisions'] as Listed;
  };
  const idsOf = async (filter: Readonly<Record<string, unknown>>) => (await list({ filter, first: 100 })).nodes.map((node) => node.decisionId);

  beforeAll(async () => {
    world = await aControlPlane();
    const { data } = await world.ask('{ organisation { id } }');
    home = branded<OrganisationId>((data?.['organisation'] as { id: string }).id);
  });
  afterAll(() => world.close());

  it('are listed once they have an outcome, and looked up before', async () => {
    await store(aDecided(home, 1));
    expect(await idsOf({})).toEqual([]);
    const under = await world.ask(`{ decision(id: "${testId(1)}") { outcome durationMs tool } }`);
    expect(under.data).toEqual({ decision: { outcome: null, durationMs: null, tool: 'echo' } });
    await store(aCompleted(home, 1));
    expect((await list()).nodes).toEqual([
      { decisionId: testId(1), outcome: 'allowed', tool: 'echo', identity: testId(900_002), durationMs: 2.5, argumentKeys: ['message'] },
    ]);
  });

  it('are the same in whatever order their records come, and however often', async () => {
    await store(aCompleted(home, 2));
    expect(await idsOf({})).toEqual([testId(1)]);
    await store(aDecided(home, 2));
    const batch: readonly SequencedRecord[] = sequenced(aCompleted(home, 3), aDecided(home, 3), aCompleted(home, 3), aDecided(home, 3));
    await world.plane.auditBus.publish(batch);
    await world.plane.auditBus.publish(batch);
    expect((await list()).nodes.map(({ decisionId, outcome }) => [decisionId, outcome])).toEqual([3, 2, 1].map((n) => [testId(n), 'allowed']));
  });

  it('do not change when a record of the same decision comes again with another content', async () => {
    await store(aDecided(home, 3, { tool: 'other' }), aCompleted(home, 3, { outcome: 'error' }));
    expect((await list()).nodes[0]).toMatchObject({ tool: 'echo', outcome: 'allowed' });
  });

  it('keep a refusal as their only record', async () => {
    await store(aDecided(home, 4, { effect: 'deny', outcome: 'denied', reasonCode: 'rule_denied', tool: 'get-env' }));
    expect(await idsOf({ outcome: ['denied'], reason: 'rule_denied' })).toEqual([testId(4)]);
  });

  it('keep names that the database could not hold as they are', async () => {
    await store(aDecided(home, 5, { effect: 'deny', outcome: 'denied', tool: 'a\0b\ud800c', argumentKeys: ['\ud800', '😀'] }));
    expect((await list({ first: 1 })).nodes[0]).toMatchObject({ tool: 'a\ufffdb\ufffdc', argumentKeys: ['\ufffd', '😀'] });
  });

  it('page newest first without a gap or a repetition, records of the same instant too', async () => {
    const at = branded<EpochMs>(Date.parse('2026-11-21T10:00:00.000Z'));
    await store(...Array.from({ length: 7 }, (_, index) => aDecided(home, 10 + index, { at, effect: 'deny', outcome: 'limited', tool: 'paged' })));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Listed = await list({ filter: { tool: 'paged' }, first: 3, after });
      seen.push(...page.nodes.map((node) => node.decisionId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual([16, 15, 14, 13, 12, 11, 10].map((n) => testId(n)));
  });

  it('are narrowed by each part of the filter', async () => {
    const one = aDecided(home, 30, { effect: 'deny', outcome: 'denied', ruleId: 'only-rule', serverSlug: 'only-server', tool: 'only-tool', grantId: testId(31) });
    await store({ ...one, identityId: testId(32), serverId: testId(33), at: branded<EpochMs>(Date.parse('2026-11-22T00:00:00.000Z')) });
    for (const filter of [
      { rule: 'only-rule' }, { server: 'only-server' }, { server: testId(33) }, { tool: 'only-tool' }, { grant: testId(31) }, { identity: testId(32) },
      { since: '2026-11-22T00:00:00Z' }, { since: '2026-11-22T01:00:00+01:00', until: '2026-11-22T00:00:00.001Z' },
    ]) {
      expect(await idsOf(filter), JSON.stringify(filter)).toEqual([testId(30)]);
    }
    for (const filter of [{ until: '2026-11-22T00:00:00Z', rule: 'only-rule' }, { grant: 'not an id' }, { identity: 'nobody' }, { outcome: [] }]) {
      expect(await idsOf(filter), JSON.stringify(filter)).toEqual([]);
    }
  });

  it('refuse a cursor that is none', async () => {
    const { errors } = await world.ask('{ decisions(after: "nonsense") { nodes { decisionId } } }');
    expect(errors[0]?.extensions['code']).toBe('bad_input');
  });

  it('give back what was spent in windows of an hour and longer that are still open [limits/survive-restart]', async () => {
    const now = Date.parse('2026-11-21T09:30:00.000Z');
    const window = (fromMin: number, toMin: number, key: string, units: string) => ({
      key, units, windowStartMs: branded<EpochMs>(now + fromMin * 60_000), windowEndMs: branded<EpochMs>(now + toMin * 60_000),
    });
    const charged = (n: number, charges: DecidedRecord['charges']) => aDecided(home, n, { charges, policyId: testId<PolicyId>(41) });
    await store(
      charged(40, [window(-30, 30, 'hour', '1'), window(0, 1, 'minute', '1')]), aCompleted(home, 40),
      charged(41, [window(-30, 30, 'hour', '0.1'), window(-60, 0, 'closed', '5')]), aCompleted(home, 41, { outcome: 'abandoned' }),
      charged(42, [window(-30, 30, 'hour', '100')]), aCompleted(home, 42, { outcome: 'error', chargesReleased: true }),
      charged(43, [window(-30, 30, 'hour', '0.2')]),
    );
    const seeds = [];
    for await (const seed of world.plane.chargesSince(branded<EpochMs>(now))) seeds.push(seed);
    expect(seeds).toEqual([{ ...window(-30, 30, 'hour', ''), units: { coefficient: 13n, scale: 1 } }]);
  });

  it('tell approvals asked for, what a shadow said, and what was taken out of the answer, never a value', async () => {
    const approvals = [{ ruleId: '/tools/echo/approval', approvers: ['role:admin'], quorum: 2, expiresInSeconds: 600, holdSeconds: 20, message: 'Ask.' }];
    const shadows = [{ policyVersion: 3, relation: 'looser', effect: 'allow', ruleId: '/tools/echo', reasonCode: null }] as const;
    const removed = [{ pointer: '/result/content/0/text', ruleId: '/tools/echo/response', action: 'mask' }] as const;
    await store(aDecided(home, 9_000, { shadows }), aCompleted(home, 9_000, { answerRuleId: '/tools/echo/response/deny_if/0', removed, removedCount: 40 }));
    await store(aDecided(home, 9_001, { effect: 'deny', outcome: 'approval_required', approvals }));
    const asked = 'query ($id: ID!) { decision(id: $id) { shadow { policyVersion relation effect ruleId reasonCode } approvals { ruleId approvers quorum expiresInSeconds holdSeconds message } answerRuleId removed { pointer ruleId action } removedCount } }';
    const details = async (n: number) => (await world.ask(asked, { variables: { id: testId(n) } })).data?.['decision'];
    expect(await details(9_000)).toEqual({ shadow: shadows[0], approvals: [], answerRuleId: '/tools/echo/response/deny_if/0', removed, removedCount: 40 });
    expect(await details(9_001)).toEqual({ shadow: null, approvals, answerRuleId: null, removed: [], removedCount: 0 });
  });

  it('keep what was asked for, kept, said in shadow and taken out, whatever the names hold', async () => {
    const approvals = [{ ruleId: '/tools/a', approvers: ['role:security'], quorum: 1, expiresInSeconds: 600, holdSeconds: 20, message: 'Ask\u0000.' }];
    const shadows = [{ policyVersion: 2, relation: 'stricter', effect: 'deny', ruleId: '/tools/a', reasonCode: 'rule_denied' }] as const;
    const removed = [{ pointer: '/result/content/0/text', ruleId: '/tools/a/response/redact/0', action: 'mask' }] as const;
    await store(aDecided(home, 4_000, { approvals, sealedArguments: 'sealed', shadows }), aCompleted(home, 4_000, { answerRuleId: '/x', removed, removedCount: 7 }));
    const { rows } = await withDatabase(world.database.url, (client) => client.query('SELECT approvals, sealed_arguments, shadows, answer_rule_id, removed, removed_count FROM decisions WHERE decision_id = $1', [testId(4_000)]));
    expect(rows[0]).toEqual({ approvals: [{ ...approvals[0], message: 'Ask\ufffd.' }], sealed_arguments: 'sealed', shadows, answer_rule_id: '/x', removed, removed_count: '7' });
  });
});
