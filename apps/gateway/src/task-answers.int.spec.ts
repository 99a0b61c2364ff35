import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { modernFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, json } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const CARD = '4111 1111 1111 1111';
const REDACT = { redact: [{ detector: 'credit_card', action: 'remove' }] };
const OPEN = { version: '1', default: 'allow' };
const RULED = { ...OPEN, tools: { other: {}, pay: { response: REDACT } } };
const CAPABILITIES = '{"tools":{},"prompts":{},"tasks":{},"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{}}}';
const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}';

describe('the answer of a task', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start((seen, response) =>
      json(response, seen.rpcMethod === 'initialize' ? `{"jsonrpc":"2.0","id":${seen.id},"result":{"protocolVersion":"2025-11-25","capabilities":${CAPABILITIES},"serverInfo":{"name":"s","version":"1"}}}` : `{"jsonrpc":"2.0","id":${seen.id},"result":{"content":[{"type":"text","text":"${CARD}"}]}}`),
    );
    gateway = await TestGateway.start();
  });
  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const start = async (policy: object): Promise<void> => {
    grant = await gateway.grantFor({ url: upstream.url, policy, eras: ['modern', 'legacy'] });
  };
  const legacy = (method: string, params: object = { taskId: 't-1' }) => postFrame(grant, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const listen = (notifications: object) => {
    const frame = modernFrame('subscriptions/listen', { notifications });
    return postFrame(grant, frame.body, frame.headers);
  };
  const reached = () => upstream.seen.filter(({ rpcMethod }) => rpcMethod !== 'initialize').length;

  it.each(['tasks/result', 'tasks/get'])('is not fetched by %s past the rules about its tool’s answers, and the record names the rule', async (method) => {
    await start(RULED);
    const before = reached();
    const { text } = await legacy(method);
    expect(text).not.toContain('4111');
    expect(text).toContain('rules about answers');
    expect(reached()).toBe(before);
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'decided', effect: 'deny', reasonCode: 'rule_denied', ruleId: '/tools/pay/response', method });
  });

  it('is fetched where the policy is open and has no rules about answers, as every method without a section of its own', async () => {
    await start(OPEN);
    expect((await legacy('tasks/result')).text).toContain(CARD);
    await start(RULED);
    expect((await legacy('tasks/list', {})).text).toContain(CARD);
    expect((await legacy('prompts/get', { name: 'p' })).text).toContain(CARD);
  });

  it('is not pushed to a client that listens either, which may listen for the rest', async () => {
    await start(RULED);
    const before = reached();
    const { text } = await listen({ taskIds: ['t-1'] });
    expect(text).toContain('rules about answers');
    expect(reached()).toBe(before);
    await listen({ toolsListChanged: true });
    expect(reached()).toBe(before + 1);
    await start(OPEN);
    expect((await listen({ taskIds: ['t-1'] })).text).toContain(CARD);
  });

  it('is not offered where it may not be had', async () => {
    const offered = async (): Promise<unknown> => ((await postFrame(grant, INITIALIZE)).message as { result: { capabilities: unknown } }).result.capabilities;
    await start(RULED);
    expect(await offered()).toEqual({ tools: { listChanged: true }, prompts: {}, extensions: { 'io.modelcontextprotocol/ui': {} } });
    await start(OPEN);
    expect(await offered()).toMatchObject({ tasks: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } });
  });
});
