import { counterFault, type MarkStore } from '@sallyport/counter-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, json, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const flow = (about: object = {}): object => ({ version: '1', default: 'allow', flows: [{ after: { name: ['read'], marks: 'untrusted' }, deny: { name: ['pay'] }, within: '10m', ...about }] });
const reasonOf = ({ message }: { readonly message: unknown }): string | undefined => (message as { result?: { _meta?: Record<string, { reasonCode: string }> } }).result?._meta?.['sallyport/decision']?.reasonCode;

describe('a flow', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  const start = async (policy: object, marks?: MarkStore): Promise<void> => {
    gateway = await TestGateway.start(marks === undefined ? {} : { parts: { marks } });
    grant = await gateway.grantFor({ url: upstream.url, policy, tools: ['read', 'pay', 'other'] });
  };
  const call = async (tool: string, target: { readonly token: string } = grant) => reasonOf(await postFrame({ url: grant.url, token: target.token }, callFrame(tool)));

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it('denies after a call was answered, to the same identity under any grant, until its time is over [policy/flows]', async () => {
    await start(flow());
    expect([await call('pay'), await call('other'), await call('read')]).toEqual([undefined, undefined, undefined]);
    expect(await call('pay')).toBe('flow_denied');
    const again = await grant.organisation.grant(grant);
    const other = await grant.organisation.grant({ ...grant, identityId: await grant.organisation.createIdentity('other') });
    expect([await call('pay', again), await call('pay', other), await call('other')]).toEqual(['flow_denied', undefined, undefined]);
    gateway.clock.advance(600_000);
    gateway.feed.beat();
    expect(await call('pay')).toBeUndefined();
  });

  it('is told by the records of its calls: what the identity bore of what the decision depended on, and what the call left', async () => {
    await start(flow({ deny: { name: ['pay'] }, within: 'session' }));
    for (const tool of ['other', 'pay', 'read', 'pay', 'read']) await call(tool);
    expect(gateway.records.map((record) => (record.kind === 'decided' ? [record.tool, record.marksBefore] : ['ended', record.marksLeft]))).toEqual([
      ['other', []], ['ended', []], ['pay', []], ['ended', []], ['read', []], ['ended', ['untrusted']], ['pay', ['untrusted']], ['read', ['untrusted']], ['ended', ['untrusted']],
    ]);
  });

  it('marks nobody whose call was denied, or answered with an error of the protocol', async () => {
    await start(flow());
    upstream.script = (seen, response) => json(response, `{"jsonrpc":"2.0","id":${seen.id},"error":{"code":-32000,"message":"no"}}`);
    await call('read');
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', status: 'rpc_error', marksLeft: [] });
    upstream.script = legacyServer(false);
    expect(await call('pay')).toBeUndefined();
  });

  it('may ask for approval instead', async () => {
    await start(flow({ unless: 'approval' }));
    await call('read');
    expect(await call('pay')).toBe('approval_required');
    expect(gateway.records.at(-1)).toMatchObject({ outcome: 'approval_required', approvals: [{ ruleId: '/flows/0', quorum: 1 }] });
  });

  it('denies what it is about while its marks cannot be read, and nothing else', async () => {
    const asked: (readonly string[])[] = [];
    await start(flow(), {
      borne: async (_bearer, marks) => {
        asked.push(marks);
        throw counterFault.unavailable('down');
      },
      leave: async () => {
        throw counterFault.unavailable('down');
      },
    });
    expect([await call('read'), await call('pay'), await call('other')]).toEqual([undefined, 'limit_store_unavailable', undefined]);
    expect(asked).toEqual([['untrusted']]);
  });
});
