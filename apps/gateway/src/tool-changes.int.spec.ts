import { afterEach, beforeEach, expect, it } from 'vitest';

import { callFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, events, json, legacyServer, textResult } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"desk","version":"1"}}}';
const CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
const STDIO_SERVER = `
  const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    if (method === 'tools/call') say({ method: 'notifications/tools/list_changed' });
    if (id === undefined) return;
    say({ id, result: method === 'initialize' ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } : { content: [] } });
  });
`;

let gateway: TestGateway;
let upstream: ScriptedUpstream;
let grant: TestGrant;
let hints: string[];

beforeEach(async () => {
  hints = [];
  upstream = await ScriptedUpstream.start(legacyServer());
  const stdio = [{ slug: 'process', env: {}, command: process.execPath, args: ['-e', STDIO_SERVER] }];
  gateway = await TestGateway.start({ stdio, parts: { toolsMayHaveChanged: (_organisationId, serverId) => void hints.push(serverId) } });
});

afterEach(async () => {
  await gateway.stop();
  await upstream.stop();
});

const begin = async (): Promise<string> => (await postFrame(grant, INITIALIZE)).headers.get('mcp-session-id') ?? '';
const listen = (session: string) => fetch(grant.url, { headers: { accept: 'text/event-stream', authorization: `Bearer ${grant.token}`, 'mcp-session-id': session } });

it('that an upstream says on a session’s stream is passed on, and that other lists changed is not', async () => {
  grant = await gateway.grantFor({ url: upstream.url });
  const session = await begin();
  upstream.script = (_seen, response) => events(response, '{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}', CHANGED);
  await listen(session);
  await expect.poll(() => hints).toEqual([grant.serverId]);
});

it('that an upstream says in the answer to a call is passed on', async () => {
  grant = await gateway.grantFor({ url: upstream.url });
  upstream.script = (seen, response) => {
    events(response, CHANGED, textResult(seen.id, 'done'));
    response.end();
  };
  expect((await postFrame(grant, callFrame('echo'))).text).toContain('list_changed');
  expect(hints).toEqual([grant.serverId]);
});

it('that a call answered as JSON says nothing of tools is no hint', async () => {
  grant = await gateway.grantFor({ url: upstream.url });
  upstream.script = (seen, response) => json(response, textResult(seen.id, 'notifications/tools/list_changed'));
  await postFrame(grant, callFrame('echo'));
  expect(hints).toEqual([]);
});

it('that a process says is passed on once, however many sessions hear it', async () => {
  grant = await gateway.grantFor({ slug: 'process' });
  const session = await begin();
  await Promise.all([listen(session), listen(await begin())]);
  await postFrame(grant, callFrame('echo'), { 'mcp-session-id': session });
  await expect.poll(() => hints).toEqual([grant.serverId]);
});
