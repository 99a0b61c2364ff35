import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const POLICY = {
  version: '1',
  default: 'deny',
  select: [
    { match: { annotations: { destructiveHint: true } }, deny_if: [{ conditions: [], on_deny: 'Nothing destructive.' }] },
    { match: { category: ['Read'] }, allow: true },
    { match: { risk: ['High'] }, deny_if: [{ conditions: [{ path: 'tool.risk', op: 'eq', value: 'High' }] }] },
  ],
};
const tool = (name: string, annotations: object) => ({ name, inputSchema: { type: 'object' }, annotations: { ...annotations } });

describe('a class of tools', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, policy: POLICY, tools: [tool('read', { readOnlyHint: true, odd: 7 }), tool('wipe', { destructiveHint: true })] });
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const ruleOf = async (name: string) => {
    const { message } = await postFrame(grant, callFrame(name));
    return (message as { result: { _meta?: Record<string, { ruleId: string }> } }).result._meta?.['sallyport/decision']?.ruleId;
  };
  const names = async (): Promise<readonly string[]> =>
    ((await postFrame(grant, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}')).message as { result: { tools: { name: string }[] } }).result.tools.map(({ name }) => name);

  it('holds a tool from the moment an administrator says what it is, in calls and in lists', async () => {
    expect([await ruleOf('read'), await names()]).toEqual(['(default deny)', []]);
    await grant.organisation.label(grant.serverId, 'read', { category: 'Read' });
    expect([await ruleOf('read'), await names()]).toEqual([undefined, ['read']]);
    await grant.organisation.label(grant.serverId, 'read', { category: 'Read', risk: 'High' });
    expect(await ruleOf('read')).toBe('/select/2/deny_if/tool.risk-eq');
    await grant.organisation.label(grant.serverId, 'read', {});
    expect(await names()).toEqual([]);
  });

  it('goes by the hints of the approved definition', async () => {
    await grant.organisation.label(grant.serverId, 'wipe', { category: 'Read' });
    expect([await ruleOf('wipe'), await names()]).toEqual(['/select/0/deny_if/0', ['wipe']]);
    await grant.organisation.approve(grant.serverId, [tool('wipe', { destructiveHint: false })]);
    expect(await ruleOf('wipe')).toBeUndefined();
  });
});
