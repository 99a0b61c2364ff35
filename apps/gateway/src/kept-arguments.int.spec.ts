import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DecidedRecord } from '@sallyport/audit';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const POLICY = {
  version: '1',
  default: 'deny',
  tools: { full: { record: 'full', deny_if: [{ conditions: [{ path: 'args.bad', op: 'eq', value: true }] }] }, excerpt: { record: 'excerpt' }, echo: {} },
};

describe('a policy that keeps arguments', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, policy: POLICY, tools: ['full', 'excerpt', 'echo'] });
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const recordOf = async (tool: string, args: object): Promise<DecidedRecord> => {
    await postFrame(grant, callFrame(tool, args));
    return gateway.records.filter((record): record is DecidedRecord => record.kind === 'decided').at(-1) as DecidedRecord;
  };

  it('keeps them whole, sealed and bound to their decision, of allowed and of denied calls', async () => {
    for (const args of [{ secret: 'hush-4242', n: 1 }, { secret: 'hush-4242', bad: true }]) {
      const record = await recordOf('full', args);
      expect(gateway.argumentsOf(record, grant)).toEqual({ level: 'full', arguments: args });
      expect(() => gateway.argumentsOf({ ...record, decisionId: grant.grantId as unknown as DecidedRecord['decisionId'] }, grant)).toThrow();
    }
    expect(JSON.stringify([gateway.records, gateway.logged])).not.toContain('hush-4242');
  });

  it('keeps the beginning of them, however large and deep they are', async () => {
    const record = await recordOf('excerpt', { text: 'x'.repeat(500), list: Array.from({ length: 50 }, (_, n) => n), deep: { a: { b: { c: { d: 1 } } } } });
    expect(gateway.argumentsOf(record, grant)).toEqual({ level: 'excerpt', arguments: { text: `${'x'.repeat(64)}…`, list: [0, 1, 2, 3, 4, 5, 6, 7], deep: { a: { b: { c: '…' } } } } });
    const large = await recordOf('full', { text: 'y'.repeat(70_000) });
    expect(gateway.argumentsOf(large, grant)).toMatchObject({ level: 'excerpt' });
  });

  it('keeps nothing where it does not say so, nor of a name that no rule allows', async () => {
    expect([(await recordOf('echo', { a: 1 })).sealedArguments, (await recordOf('nothing', { a: 1 })).sealedArguments]).toEqual([null, null]);
  });
});

describe('a version in shadow', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url });
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const shadowsOf = async (tool: string, args: object = {}) => {
    const { text } = await postFrame(grant, callFrame(tool, args));
    const decided = gateway.records.filter((record): record is DecidedRecord => record.kind === 'decided').at(-1);
    return [text.includes('POLICY DENIED'), decided?.shadows];
  };

  it('blocks nothing, and its disagreement is recorded and counted', async () => {
    await grant.organisation.shadow(grant.policyId, { version: '1', default: 'deny', tools: { other: {}, echo: { limits: [{ counter: 'c', window: 'day', max: 0 }], deny_if: [{ conditions: [{ path: 'args.n', op: 'gt', value: 1 }] }] } } });
    expect(await shadowsOf('echo')).toEqual([false, []]);
    expect(await shadowsOf('echo', { n: 2 })).toEqual([false, [{ policyVersion: 99, relation: 'stricter', effect: 'deny', ruleId: '/tools/echo/deny_if/args.n-gt', reasonCode: 'rule_denied' }]]);
    expect(await shadowsOf('other')).toEqual([true, [{ policyVersion: 99, relation: 'looser', effect: 'allow', ruleId: '/tools/other', reasonCode: null }]]);
    const counted = await gateway.metrics.getSingleMetricAsString('sallyport_shadow_disagreements_total');
    expect(counted).toContain('{relation="stricter"} 1');
    expect(counted).toContain('{relation="looser"} 1');
  });

  it('is followed as it changes, until it is stopped', async () => {
    await grant.organisation.shadow(grant.policyId, { version: '1', default: 'deny' });
    expect(await shadowsOf('echo')).toMatchObject([false, [{ relation: 'stricter' }]]);
    await grant.organisation.shadow(grant.policyId, { version: '1', default: 'allow' });
    expect(await shadowsOf('echo')).toEqual([false, []]);
    await grant.organisation.shadow(grant.policyId, { version: '1', default: 'deny' });
    await grant.organisation.unshadow(grant.policyId);
    expect(await shadowsOf('echo')).toEqual([false, []]);
  });
});

describe('an approval that a call needs', () => {
  it('is recorded with everything it binds', async () => {
    const upstream = await ScriptedUpstream.start(legacyServer(false));
    const gateway = await TestGateway.start();
    const approval = { approvers: ['role:security'], quorum: 2, expires_in: '10m', hold: '20s', message: 'Ask security.' };
    const grant = await gateway.grantFor({ url: upstream.url, policy: { version: '1', default: 'deny', tools: { echo: { approval } } } });
    const { text } = await postFrame(grant, callFrame('echo', { a: 1 }));
    expect(text).toContain('Ask security.');
    expect(gateway.records).toMatchObject([
      {
        outcome: 'approval_required',
        reasonCode: 'approval_required',
        approvals: [{ approvers: ['role:security'], quorum: 2, expiresInSeconds: 600, holdSeconds: 20, message: 'Ask security.' }],
        definitionHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        argumentsDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        grantId: grant.grantId,
        policyVersion: 1,
      },
    ]);
    expect(upstream.calls).toEqual([]);
    await gateway.stop();
    await upstream.stop();
  });
});
