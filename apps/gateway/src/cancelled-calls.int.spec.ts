import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, modernFrame, postFrame } from './testing/post-frame.js';
import { ScriptedUpstream, events, legacyServer, type Script } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"desk","version":"1"}}}';
const LIMITED = { version: '1', default: 'deny', tools: { echo: { limits: [{ counter: 'calls', window: 'day', max: 9 }] } } };
const CANCELLED = { kind: 'completed', outcome: 'error', status: 'cancelled', chargesReleased: false };

/** Introduces itself, and never answers a call. */
const SILENT_PROCESS = `
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    const result = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } };
    if (id === undefined || method === 'tools/call') return;
    const answer = method === 'initialize' ? { result } : { error: { code: -32601, message: 'Method not found' } };
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n');
  });
`;

const cancelOf = (id: number): string => `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`;

describe('a call that its legacy client cancels by a notification', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;
  /** Calls whose connection the upstream saw closed. */
  let closed: number;

  const silent: Script = (seen, response) => {
    if (seen.rpcMethod !== 'tools/call') return legacyServer(false)(seen, response);
    response.on('close', () => (closed += 1));
  };
  const begin = async (): Promise<Record<string, string>> => ({ 'mcp-session-id': (await postFrame(grant, INITIALIZE)).headers.get('mcp-session-id') ?? '' });
  const call = (headers = {}, id = 1) => postFrame(grant, callFrame('echo', {}, id), headers);
  const cancel = (headers = {}, id = 1) => postFrame(grant, cancelOf(id), headers);
  const inFlight = async (): Promise<string | undefined> => /sallyport_calls_in_flight (\d+)/.exec(await gateway.metrics.metrics())?.[1];

  beforeEach(async () => {
    closed = 0;
    upstream = await ScriptedUpstream.start(legacyServer());
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, policy: LIMITED });
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it('ends as cancelled: nothing more is said, the upstream is told, and it is under way no more', async () => {
    const session = await begin();
    upstream.script = silent;
    const answer = call(session);
    await upstream.hasSeen(2);
    expect((await cancel(session)).status).toBe(202);
    expect(await answer).toMatchObject({ status: 200, message: undefined });
    expect((await answer).text).not.toContain('jsonrpc');
    expect(gateway.records.at(-1)).toMatchObject(CANCELLED);
    expect(upstream.seen.at(-1)).toMatchObject({ body: cancelOf(1), headers: { 'mcp-session-id': 'upstream-1' } });
    await expect.poll(() => closed).toBe(1);
    expect(await inFlight()).toBe('0');
  });

  it('ends in the middle of its stream', async () => {
    const session = await begin();
    upstream.script = (seen, response) => (seen.rpcMethod === 'tools/call' ? events(response, '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}') : silent(seen, response));
    const answer = call(session);
    await upstream.hasSeen(2);
    await cancel(session);
    expect((await answer).text).toMatch(/progress/);
    expect(gateway.records.at(-1)).toMatchObject(CANCELLED);
  });

  it('is answered an error where the client reads no event streams, because its response needs an end', async () => {
    const session = await begin();
    upstream.script = silent;
    const answer = call({ ...session, accept: 'application/json' });
    await upstream.hasSeen(2);
    await cancel(session);
    expect((await answer).message).toMatchObject({ id: 1, error: { code: 1502 } });
    expect(gateway.records.at(-1)).toMatchObject(CANCELLED);
  });

  it('is not another session’s call of the same id, nor another call of its own', async () => {
    const [mine, other] = [await begin(), await begin()];
    upstream.script = silent;
    const answers = [call(mine), call(other), call(mine, 2)];
    await upstream.hasSeen(5);
    await cancel(mine);
    await answers[0];
    await cancel(other, 7);
    expect(await inFlight()).toBe('2');
    await cancel(other);
    await cancel(mine, 2);
    await Promise.all(answers);
    expect(gateway.records.filter((record) => record.kind === 'completed')).toMatchObject([CANCELLED, CANCELLED, CANCELLED]);
  });

  it('is found by its credential where there are no sessions, if no other call has its id', async () => {
    upstream.script = silent;
    const once = call({}, 5);
    await upstream.hasSeen(1);
    await cancel({}, 5);
    await once;
    expect(gateway.records.at(-1)).toMatchObject(CANCELLED);
    const twice = [call(), call()];
    await upstream.hasSeen(4);
    await cancel();
    expect(await inFlight()).toBe('2');
    gateway.clock.advance(3_600_000);
    await Promise.all(twice);
    expect(gateway.records.at(-1)).toMatchObject({ status: 'timeout' });
  });

  it('ends alike at a process that many clients share', async () => {
    await gateway.stop();
    gateway = await TestGateway.start({ stdio: [{ slug: 'tools', env: {}, command: process.execPath, args: ['-e', SILENT_PROCESS] }] });
    grant = await gateway.grantFor({ policy: LIMITED });
    const session = await begin();
    const answer = call(session);
    await expect.poll(() => gateway.records).toMatchObject([{ kind: 'decided', effect: 'allow' }]);
    await cancel(session);
    expect((await answer).text).toBe('');
    expect(gateway.records.at(-1)).toMatchObject(CANCELLED);
    expect(await inFlight()).toBe('0');
  });

  it('runs on when another notification names its id', async () => {
    upstream.script = silent;
    const answer = call();
    await upstream.hasSeen(1);
    await postFrame(grant, cancelOf(1).replace('cancelled', 'progress'));
    expect(await inFlight()).toBe('1');
    await cancel();
    await answer;
  });

  it('runs on when somebody else’s credential cancels its id', async () => {
    upstream.script = silent;
    const answer = call();
    await upstream.hasSeen(1);
    const stranger = await grant.organisation.grant(grant);
    await postFrame({ url: grant.url, token: stranger.token }, cancelOf(1));
    expect(await inFlight()).toBe('1');
    await cancel();
    await answer;
  });

  it('runs on in the modern era, where hanging up is how one cancels', async () => {
    const modern = await gateway.grantFor({ organisation: 'modern', slug: 'modern', url: upstream.url, eras: ['modern', 'legacy'], policy: LIMITED });
    upstream.script = silent;
    const { body, headers } = modernFrame('tools/call', { name: 'echo', arguments: {} });
    const abort = new AbortController();
    const answer = fetch(modern.url, { method: 'POST', signal: abort.signal, headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${modern.token}`, ...headers }, body }).catch(() => 'gone');
    await upstream.hasSeen(1);
    await postFrame(modern, cancelOf(1));
    expect(await inFlight()).toBe('1');
    abort.abort();
    expect(await answer).toBe('gone');
    await expect.poll(() => gateway.records.at(-1)).toMatchObject({ status: 'cancelled' });
  });

});
