import { conformanceServer, mcpClient, seedServer, type ConformanceServer, type McpClient } from '@sallyport/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const TOOLS = ['test_simple_text', 'test_tool_with_progress', 'test_error_handling', 'test_tool_with_logging'].map(tool);
const POLICY = { version: '1', default: 'deny', tools: { test_simple_text: {}, test_error_handling: {}, test_tool_with_logging: {} } };

describe.each(['legacy', 'modern'] as const)('a %s client of a server of its era', (era) => {
  let gateway: TestGateway;
  let upstream: ConformanceServer;
  let grant: TestGrant;
  let client: McpClient;

  beforeEach(async () => {
    upstream = await conformanceServer();
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, tools: TOOLS, eras: ['legacy', 'modern'], policy: POLICY });
    client = await mcpClient(grant.url, grant.token, era);
  });

  afterEach(async () => {
    await client.close();
    await gateway.stop();
    await upstream.close();
  });

  it('is introduced, sees the tools it may call and no others, and calls one [gateway/list-filtered]', async () => {
    expect(client.serverName()).toBe('conformance-fixture');
    expect(await client.toolNames()).toEqual(['test_simple_text', 'test_error_handling', 'test_tool_with_logging']);
    expect(await client.callTool('test_simple_text')).toMatchObject({ isError: false, text: 'This is a simple text response for testing.' });
    expect(gateway.records).toMatchObject([
      { kind: 'decided', effect: 'allow', tool: 'test_simple_text', ruleId: '/tools/test_simple_text', clientName: 'test-client' },
      { kind: 'completed', outcome: 'allowed', status: 'ok' },
    ]);
  });

  it('is denied what no rule allows, as a result its model can read', async () => {
    const answer = await client.callTool('test_tool_with_progress');
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/^\[POLICY DENIED\]/);
    expect(upstream.calls('test_tool_with_progress')).toEqual([]);
  });

  it('gets a tool’s own error as the tool’s own error', async () => {
    expect(await client.callTool('test_error_handling')).toMatchObject({ isError: true });
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'allowed', status: 'tool_error' });
  });
});

describe.each(['http', 'stdio'] as const)('a seed server over %s', (transport) => {
  it.each(['clockify', 'ticktick'] as const)('is listed by its policy and called: %s', async (name) => {
    const seed = await seedServer(name, { transport });
    const gateway = await TestGateway.start({ stdio: seed.command === undefined ? [] : [{ slug: 'tools', env: {}, ...seed.command }] });
    const names = seed.list.tools.map((listed) => listed.name);
    const [first = '', second = ''] = names;
    const policy = { version: '1', default: 'deny', tools: { [first]: {} } };
    const grant = await gateway.grantFor({ ...(transport === 'http' ? { url: seed.url } : {}), tools: names.map(tool), policy });
    const client = await mcpClient(grant.url, grant.token, 'legacy');
    expect(await client.toolNames()).toEqual([first]);
    expect(await client.callTool(second)).toMatchObject({ isError: true });
    await client.callTool(first);
    expect(gateway.records.map((record) => record.outcome)).toEqual(['denied', null, 'allowed']);
    expect(seed.calls().length).toBe(1);
    await client.close();
    await gateway.stop();
    await seed.close();
  });
});
