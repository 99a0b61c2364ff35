import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ScriptedUpstream, legacyServer } from './testing/scripted-upstream.js';
import { TestGateway } from './testing/test-gateway.js';

const POLICY = { version: '1', default: 'deny', tools: { echo: {} } };

describe('a legacy tool call', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let token: string;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start(legacyServer(false));
    gateway = await TestGateway.start();
    const acme = await gateway.organisation();
    const serverId = await acme.registerHttp('tools', upstream.url, { headers: { 'X-Api-Key': 'upstream-secret' } });
    await acme.approve(serverId, ['echo', 'other']);
    const identityId = await acme.createIdentity();
    const policyId = await acme.publish(POLICY);
    ({ token } = await acme.grant({ identityId, serverId, policyId }));
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(gateway.urlOf('tools'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}`, ...headers },
      body,
    });

  it('reaches the upstream with its own bytes and comes back as the upstream said it [gateway/bytes-forwarded]', async () => {
    const body = '{"jsonrpc":"2.0", "id":7,"method":"tools/call","params":{"name":"echo","arguments":{"n":9007199254740993}}}';
    const response = await post(body, { cookie: 'a=b' });
    expect(response.status).toBe(200);
    expect(upstream.calls[0]?.body).toBe(body);
    expect(upstream.calls[0]?.headers).toMatchObject({ 'x-api-key': 'upstream-secret' });
    expect(upstream.calls[0]?.headers).not.toHaveProperty('authorization');
    expect(upstream.calls[0]?.headers).not.toHaveProperty('cookie');
    expect(await response.text()).toContain('9007199254740993');
    const [decided] = gateway.records;
    expect(response.headers.get('sallyport-decision-id')).toBe(decided?.decisionId);
    expect(response.headers.get('sallyport-rule-id')).toBe('/tools/echo');
    expect(gateway.records.map(({ kind, outcome }) => [kind, outcome])).toEqual([['decided', null], ['completed', 'allowed']]);
  });

  it('is recorded with what the gateway runs and the age of what it knew, a moment ahead of its clock being no age', async () => {
    for (const elapsedMs of [0, 250, -300]) {
      gateway.clock.advance(elapsedMs);
      await post('{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"other"}}');
    }
    await post('{');
    expect(gateway.records.map((record) => (record.kind === 'decided' ? [record.gatewayVersion, record.policyAgeMs] : []))).toEqual([['0.1.0', 0], ['0.1.0', 250], ['0.1.0', 0], ['0.1.0', 0]]);
  });

  it('is denied and recorded when no rule allows the tool, and asks nothing of the upstream', async () => {
    const response = await post('{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"other"}}');
    expect(await response.json()).toMatchObject({ id: 'a', result: { isError: true, _meta: { 'sallyport/decision': { ruleId: '(default deny)', reasonCode: 'default_deny', policyVersion: 1 } } } });
    expect(upstream.calls).toEqual([]);
    expect(gateway.records).toMatchObject([{ kind: 'decided', outcome: 'denied', tool: 'other', reasonCode: 'default_deny' }]);
  });
});
