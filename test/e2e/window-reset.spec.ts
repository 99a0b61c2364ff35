import { TestGateway } from '@sallyport/gateway/testing';
import type { JsonValue } from '@sallyport/kernel';
import { mcpClient, seedServer, type McpClient, type SeedServer } from '@sallyport/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { seedPolicies, type SeedPolicy } from './world/seed-policies.js';

const MINUTE_MS = 60_000;

/** The whole gateway and the real fixture server, with a clock that a test can move: what a real minute would show, without waiting for it. */
describe.each(seedPolicies())('the minute of $tool on $server', (policy: SeedPolicy) => {
  let gateway: TestGateway;
  let upstream: SeedServer;
  let client: McpClient;

  beforeEach(async () => {
    upstream = await seedServer(policy.server, { transport: 'http' });
    gateway = await TestGateway.start();
    gateway.clock.setWall((Math.floor(gateway.clock.now() / MINUTE_MS) + 1) * MINUTE_MS + 1_000);
    const organisation = await gateway.organisation();
    const serverId = await organisation.registerHttp(policy.server, upstream.url);
    const listed = new Map(upstream.list.tools.map((tool) => [tool.name, tool as JsonValue]));
    await organisation.approve(serverId, [...listed.values()]);
    const identityId = await organisation.createIdentity();
    const policyId = await organisation.publish(policy.document);
    const { token } = await organisation.grant({ identityId, serverId, policyId });
    gateway.feed.beat();
    client = await mcpClient(gateway.urlOf(policy.server), token, 'legacy');
  });

  afterEach(async () => {
    await client.close();
    await gateway.stop();
    await upstream.close();
  });

  const pass = (ms: number): void => {
    gateway.clock.advance(ms);
    gateway.feed.beat();
  };
  const reasons = async (calls: number): Promise<readonly string[]> => {
    const seen: string[] = [];
    for (let made = 0; made < calls; made += 1) {
      const { result } = await client.callTool(policy.tool);
      seen.push((result['_meta'] as Record<string, { reasonCode: string }> | undefined)?.['sallyport/decision']?.reasonCode ?? 'allowed');
    }
    return seen;
  };

  it(`is full after ${policy.max} calls until the UTC minute ends, and then begins anew`, async () => {
    expect(await reasons(policy.max)).toEqual(Array.from({ length: policy.max }, () => 'allowed'));
    expect(await reasons(1)).toEqual(['limit_exceeded']);
    pass(58_999);
    expect(await reasons(1)).toEqual(['limit_exceeded']);
    pass(1);
    expect(await reasons(policy.max + 1)).toEqual([...Array.from({ length: policy.max }, () => 'allowed'), 'limit_exceeded']);
    expect(upstream.calls(policy.tool)).toHaveLength(2 * policy.max);
  });

  it('says how long until the reset, to the millisecond', async () => {
    await reasons(policy.max);
    pass(10_000);
    const { text, result } = await client.callTool(policy.tool);
    expect((result['_meta'] as Record<string, object>)['sallyport/decision']).toMatchObject({ ruleId: policy.ruleId, retryAfterMs: 49_000 });
    expect(text).toMatch(/^\[POLICY DENIED\] .* resets in 49 s, at .*\.$/);
  });
});
