import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { RefreshServerDocument, ShowDecisionDocument } from '@sallyport/graphql-contract';
import { conformanceServer, type ConformanceServer } from '@sallyport/test-support';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { accepted } from './world/accepted.js';
import { ROOT } from './world/child.js';
import { World, type Access } from './world/world.js';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const INFO = { name: 'a-real-client', version: '1.0.0' };

let world: World;
let fixture: ConformanceServer;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  fixture = await conformanceServer();
  const stdio = [{ slug: 'everything', command: process.execPath, args: [`${ROOT}${EVERYTHING}`, 'stdio'] }];
  world = await World.start({ operatorFile: `egress:\n  allow: [127.0.0.0/8]\nstdio: ${JSON.stringify(stdio)}\n` });
  accepted((await world.admin.run(RefreshServerDocument, { input: { server: 'everything' } })).refreshServer);
});
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});
afterAll(async () => {
  await world.end();
  await fixture.close();
});

function legacy(options: ConstructorParameters<typeof LegacyClient>[1] = {}): LegacyClient {
  const client = new LegacyClient(INFO, options);
  open.push(client);
  return client;
}

async function connect(client: LegacyClient, access: Access): Promise<LegacyTransport> {
  const transport = new LegacyTransport(new URL(access.url), { requestInit: { headers: { authorization: `Bearer ${access.token}` } } });
  await client.connect(transport as Parameters<LegacyClient['connect']>[0]);
  return transport;
}

async function modern(access: Access, options: ConstructorParameters<typeof ModernClient>[1] = {}): Promise<ModernClient> {
  const client = new ModernClient(INFO, { ...options, versionNegotiation: { mode: { pin: '2026-07-28' } } });
  open.push(client);
  if (options.capabilities?.elicitation !== undefined) client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } }));
  await client.connect(new ModernTransport(new URL(access.url), { requestInit: { headers: { authorization: `Bearer ${access.token}` } } }));
  return client;
}

const recorded = async (access: Access, tool: string) => {
  const [found] = await world.decisions({ grant: access.grantId, tool }, (decisions) => decisions.length > 0);
  return (await world.admin.run(ShowDecisionDocument, { id: found?.decisionId ?? '' })).decision;
};

describe('a client of SDK 1.x at a server over stdio', () => {
  let access: Access;
  let client: LegacyClient;

  beforeAll(async () => {
    access = await world.open({ slug: 'everything', policy: { version: '1', default: 'deny', tools: { echo: {}, 'get-sum': {}, 'trigger-long-running-operation': {} } } });
  });

  it('is introduced to the server itself, gets a session, and sees the tools of its policy only', async () => {
    client = legacy();
    const transport = await connect(client, access);
    expect(client.getServerVersion()?.name).toMatch(/everything/);
    expect(transport.sessionId).toMatch(/^[\x21-\x7e]+$/);
    expect((await client.listTools()).tools.map(({ name }) => name).sort()).toEqual(['echo', 'get-sum', 'trigger-long-running-operation']);
  });

  it('calls, and gets the answer word for word', async () => {
    client = legacy();
    await connect(client, access);
    expect(await client.callTool({ name: 'echo', arguments: { message: 'héllo – "quoted"\n' } })).toMatchObject({ content: [{ type: 'text', text: 'Echo: héllo – "quoted"\n' }] });
    expect(await client.callTool({ name: 'get-sum', arguments: { a: 2, b: 40 } })).toMatchObject({ content: [{ type: 'text', text: expect.stringContaining('42') }] });
    expect(await recorded(access, 'get-sum')).toMatchObject({ outcome: 'allowed', responseStatus: 'ok', clientName: 'a-real-client', argumentKeys: ['a', 'b'] });
  });

  it('hears of progress while a call is under way', async () => {
    client = legacy();
    await connect(client, access);
    const progress: number[] = [];
    const params = { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 4 } };
    await client.callTool(params, CallToolResultSchema, { onprogress: (step) => void progress.push(step.progress) });
    expect(progress).toEqual([1, 2, 3, 4]);
  });

  it('cancels a call, which is recorded as cancelled, and goes on', async () => {
    client = legacy();
    await connect(client, access);
    const stop = new AbortController();
    const params = { name: 'trigger-long-running-operation', arguments: { duration: 60, steps: 600 } };
    const calling = client.callTool(params, CallToolResultSchema, { signal: stop.signal, onprogress: () => stop.abort('enough') });
    await expect(calling).rejects.toThrow();
    await vi.waitFor(async () => expect(await recorded(access, 'trigger-long-running-operation')).toMatchObject({ outcome: 'error', responseStatus: 'cancelled' }), { timeout: 15_000, interval: 100 });
    expect(await client.callTool({ name: 'echo', arguments: { message: 'still here' } })).toMatchObject({ content: [{ text: 'Echo: still here' }] });
  });

  it('shares the process with others, each with its own answers', async () => {
    const clients = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const one = legacy();
        await connect(one, access);
        return one;
      }),
    );
    const answers = await Promise.all(Array.from({ length: 80 }, (_, index) => clients[index % 4]?.callTool({ name: 'echo', arguments: { message: `call ${index}` } })));
    expect(answers.map((answer) => (answer?.['content'] as { text: string }[])[0]?.text)).toEqual(answers.map((_, index) => `Echo: call ${index}`));
  });
});

describe('a server that speaks both eras, over HTTP', () => {
  let access: Access;

  beforeAll(async () => {
    access = await world.open({ slug: 'dual', url: fixture.url, policy: { version: '1', default: 'allow', hide: ['test_error_handling', 'test_image_content'] } });
  });

  it('was found to speak both', async () => {
    const { stdout } = await world.cli(['server', 'show', 'dual', '--json']);
    expect((JSON.parse(stdout) as { eras: string[] }).eras.sort()).toEqual(['legacy', 'modern']);
  });

  it('passes a question of the server to the user of a legacy client, and the answer back', async () => {
    const client = legacy({ capabilities: { elicitation: {}, sampling: {} } });
    const asked: string[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.message);
      return { action: 'accept', content: { username: 'ada', email: 'ada@example.com' } };
    });
    client.setRequestHandler(CreateMessageRequestSchema, () => ({ model: 'none', role: 'assistant', content: { type: 'text', text: 'Paris' } }));
    await connect(client, access);
    expect(await client.callTool({ name: 'test_elicitation', arguments: { message: 'Who are you?' } })).toMatchObject({
      content: [{ text: 'User response: action: accept, content: {"username":"ada","email":"ada@example.com"}' }],
    });
    expect(asked).toEqual(['Who are you?']);
    expect(await client.callTool({ name: 'test_sampling', arguments: { prompt: 'Capital of France?' } })).toMatchObject({ content: [{ text: 'LLM response: Paris' }] });
  });

  it('hears a legacy client cancel', async () => {
    const client = legacy({ capabilities: { elicitation: {} } });
    const stop = new AbortController();
    client.setRequestHandler(ElicitRequestSchema, () => {
      stop.abort('never mind');
      return new Promise<never>(() => undefined);
    });
    await connect(client, access);
    await expect(client.callTool({ name: 'test_elicitation', arguments: { message: 'x' } }, CallToolResultSchema, { signal: stop.signal })).rejects.toThrow();
    await vi.waitFor(() => expect(fixture.received.some(({ method }) => method === 'notifications/cancelled')).toBe(true), { timeout: 10_000 });
  });

  it('tells both eras of progress, and hides from both what the policy hides', async () => {
    const old = legacy();
    await connect(old, access);
    const young = await modern(access);
    expect(young.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const oldNames = (await old.listTools()).tools.map(({ name }) => name);
    const youngNames = (await young.listTools()).tools.map(({ name }) => name);
    expect(youngNames).toEqual(oldNames);
    expect(oldNames).toContain('test_simple_text');
    expect(oldNames).not.toContain('test_error_handling');
    for (const client of [old, young]) {
      const progress: number[] = [];
      const onprogress = (step: { progress: number }): void => void progress.push(step.progress);
      if (client instanceof LegacyClient) await client.callTool({ name: 'test_tool_with_progress' }, CallToolResultSchema, { onprogress });
      else await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, { onprogress });
      expect(progress).toEqual([0, 50, 100]);
      await expect(client.callTool({ name: 'test_error_handling', arguments: {} })).rejects.toThrow('Unknown tool: test_error_handling');
    }
  });

  it('is discovered by a modern client, whose lists are for it alone', async () => {
    const client = await modern(access);
    expect((await client.discover()).supportedVersions).toContain('2026-07-28');
    const response = await fetch(access.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${access.token}`, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } }),
    });
    expect(await response.text()).toContain('"cacheScope":"private"');
    expect(response.headers.get('mcp-session-id')).toBeNull();
  });

  it('asks a modern client for input; each round is a call of its own: decided and recorded again', async () => {
    const client = await modern(access, { capabilities: { elicitation: {} } });
    const before = fixture.calls('test_input_required_result_elicitation').length;
    expect(await client.callTool({ name: 'test_input_required_result_elicitation', arguments: {} })).toMatchObject({ content: [{ text: 'Hello, Ada!' }] });
    expect(fixture.calls('test_input_required_result_elicitation').length - before).toBe(2);
    const rounds = await world.decisions({ grant: access.grantId, tool: 'test_input_required_result_elicitation' }, (found) => found.length === 2);
    expect(rounds.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed']);
  });

  it('keeps its own state through two rounds untouched', async () => {
    const client = await modern(access, { capabilities: { elicitation: {} } });
    expect(await client.callTool({ name: 'test_input_required_result_request_state', arguments: {} })).toMatchObject({ content: [{ text: 'state-ok' }] });
  });

  it('gives a session to the grant that began it and to no other', async () => {
    const client = legacy();
    const transport = await connect(client, access);
    const other = await world.grant('dual', access.policy);
    const send = (token: string, session: string) =>
      fetch(access.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}`, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_simple_text","arguments":{}}}',
      });
    const sessionId = String(transport.sessionId);
    expect((await send(other.token, sessionId)).status).toBe(404);
    expect((await send(access.token, sessionId)).status).toBe(200);
    await transport.terminateSession();
    expect((await send(access.token, sessionId)).status).toBe(404);
  });
});
