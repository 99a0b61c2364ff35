import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callFrame, modernFrame, postFrame } from './testing/post-frame.js';
import { LEGACY_INTRODUCTION, ScriptedUpstream, events, json, legacyServer, textResult, type Script } from './testing/scripted-upstream.js';
import { TestGateway, type TestGrant } from './testing/test-gateway.js';

const INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"desk","version":"1"}}}';
const POLICY = { version: '1', default: 'deny', tools: { echo: {} } };

/** Reads a stream until it holds a text, or ends. */
async function until(response: Response, wanted: string): Promise<string> {
  const reader = response.body?.getReader();
  let text = '';
  while (reader !== undefined && !text.includes(wanted)) {
    const { value, done } = await reader.read();
    if (done) return `${text}(ended)`;
    text += Buffer.from(value).toString();
  }
  reader?.releaseLock();
  return text;
}

describe('a legacy session', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  const start = async (script: Script, limits = {}, policy: object = POLICY): Promise<void> => {
    upstream = await ScriptedUpstream.start(script);
    gateway = await TestGateway.start({ limits });
    grant = await gateway.grantFor({ url: upstream.url, policy });
  };
  const begin = async (to: { readonly url: string; readonly token: string } = grant): Promise<string> => (await postFrame(to, INITIALIZE)).headers.get('mcp-session-id') ?? '';
  const call = (session: string, headers = {}) => postFrame(grant, callFrame('echo'), { 'mcp-session-id': session, ...headers });
  const listen = (session: string, headers = {}) => fetch(grant.url, { headers: { accept: 'text/event-stream', authorization: `Bearer ${grant.token}`, 'mcp-session-id': session, ...headers } });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  it('is minted here, stands for the upstream’s own, and shows the server less what the policy closes', async () => {
    await start(legacyServer());
    const introduced = await postFrame(grant, INITIALIZE);
    const session = introduced.headers.get('mcp-session-id') ?? '';
    expect(session).not.toContain('upstream');
    expect(introduced.message).toMatchObject({ id: 0, result: { capabilities: { tools: { listChanged: true }, logging: {}, experimental: { x: 1 } }, serverInfo: { name: 'scripted' } } });
    expect(introduced.text).not.toContain('prompts');
    await call(session);
    expect(upstream.calls[0]?.headers['mcp-session-id']).toBe('upstream-1');
    expect(gateway.records).toMatchObject([{ sessionId: session, clientName: 'desk' }, {}]);
  });

  it('is introduced from an event stream as from a body', async () => {
    await start((seen, response) => {
      events(response, `{"jsonrpc":"2.0","id":${seen.id},"result":${LEGACY_INTRODUCTION}}`);
      response.end();
    });
    expect((await postFrame(grant, INITIALIZE)).message).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
  });

  it('is known to rules by how many calls of it came before, each session for itself', async () => {
    const first = { conditions: [{ path: 'session.calls', op: 'gte', value: 2 }], on_deny: 'Two calls a session.' };
    await start(legacyServer(), {}, { version: '1', default: 'deny', tools: { echo: { deny_if: [first] } } });
    const [one, other] = [await begin(), await begin()];
    const texts = [];
    for (const session of [one, one, one, other]) texts.push((await call(session)).text.includes('Two calls a session.'));
    expect(texts).toEqual([false, false, true, false]);
  });

  it('belongs to its grant: to every other it does not exist', async () => {
    await start(legacyServer());
    const session = await begin();
    const other = await grant.organisation.grant(grant);
    const stolen = await postFrame({ url: grant.url, token: other.token }, callFrame('echo'), { 'mcp-session-id': session });
    const unknown = await postFrame(grant, callFrame('echo'), { 'mcp-session-id': 'never-was' });
    expect([stolen.status, stolen.text]).toEqual([404, unknown.text]);
    expect(upstream.calls).toEqual([]);
  });

  it('is required by a server that keeps sessions, and not by one that does not', async () => {
    await start(legacyServer());
    await begin();
    expect((await postFrame(grant, callFrame('echo'))).status).toBe(400);
    upstream.script = legacyServer(false);
    await begin();
    expect((await postFrame(grant, callFrame('echo'))).status).toBe(200);
  });

  it('ends by DELETE, here and at the upstream', async () => {
    await start(legacyServer());
    const session = await begin();
    const deleted = await fetch(grant.url, { method: 'DELETE', headers: { authorization: `Bearer ${grant.token}`, 'mcp-session-id': session } });
    expect(deleted.status).toBe(204);
    await upstream.hasSeen(2);
    expect(upstream.seen.at(-1)).toMatchObject({ method: 'DELETE', headers: { 'mcp-session-id': 'upstream-1' } });
    expect((await call(session)).status).toBe(404);
  });

  it('ends when the upstream has forgotten its own', async () => {
    await start(legacyServer());
    const session = await begin();
    upstream.script = (_seen, response) => json(response, '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}', { status: 404 });
    expect((await call(session)).status).toBe(404);
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'error', httpStatus: 404 });
    upstream.script = legacyServer();
    expect((await call(session)).status).toBe(404);
    expect(upstream.calls).toHaveLength(1);
  });

  it('makes room for new ones: the one that rested longest goes', async () => {
    await start(legacyServer(), { maxSessions: 4 });
    const first = await begin();
    for (let n = 0; n < 4; n += 1) await begin();
    expect((await call(first)).status).toBe(404);
    expect(await gateway.metrics.metrics()).toContain('sallyport_sessions 1');
  });

  it('relays notifications and client responses with their bytes, and answers 202', async () => {
    await start(legacyServer());
    const session = await begin();
    const cancel = '{"jsonrpc":"2.0", "method":"notifications/cancelled","params":{"requestId":1}}';
    const response = '{"jsonrpc":"2.0","id":"ask-1","result":{"action":"accept"}}';
    expect([(await postFrame(grant, cancel, { 'mcp-session-id': session })).status, (await postFrame(grant, response, { 'mcp-session-id': session })).status]).toEqual([202, 202]);
    expect(upstream.seen.slice(-2)).toMatchObject([{ body: cancel, headers: { 'mcp-session-id': 'upstream-1' } }, { body: response }]);
    expect(gateway.records).toEqual([]);
  });

  it('streams a call event by event: progress, a question to the client, then the answer', async () => {
    await start(legacyServer());
    const session = await begin();
    let goOn = (): void => undefined;
    upstream.script = (seen, response) => {
      events(response, '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}', '{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{}}');
      goOn = () => {
        events(response, textResult(seen.id, 'done'));
        response.end();
      };
    };
    const response = await fetch(grant.url, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${grant.token}`, 'mcp-session-id': session }, body: callFrame('echo') });
    expect(await until(response, 'elicitation/create')).toContain('notifications/progress');
    expect(gateway.records).toMatchObject([{ kind: 'decided' }]);
    goOn();
    expect(await until(response, 'done')).toContain('"id":1');
    expect(gateway.records).toMatchObject([{}, { outcome: 'allowed', status: 'ok' }]);
  });

  it('gives a client that reads no events the answer alone', async () => {
    await start(legacyServer());
    const session = await begin();
    upstream.script = (seen, response) => {
      events(response, '{"jsonrpc":"2.0","method":"notifications/message","params":{}}', textResult(seen.id, 'done'));
      response.end();
    };
    const answer = await call(session, { accept: 'application/json' });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.message).toMatchObject({ id: 1, result: {} });
  });

  it('lets a call run on when its client hangs up, because in this era that is no cancel', async () => {
    await start(legacyServer());
    const session = await begin();
    let goOn = (): void => undefined;
    upstream.script = (seen, response) => void (goOn = () => json(response, textResult(seen.id, 'done')));
    const abort = new AbortController();
    const gone = fetch(grant.url, { method: 'POST', signal: abort.signal, headers: { 'content-type': 'application/json', authorization: `Bearer ${grant.token}`, 'mcp-session-id': session }, body: callFrame('echo') }).catch(() => 'gone');
    await upstream.hasSeen(2);
    abort.abort();
    expect(await gone).toBe('gone');
    goOn();
    await expect.poll(() => gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'allowed' });
  });

  it('finishes a call on the session’s stream when the upstream closed the call’s own to be taken up again', async () => {
    await start(legacyServer());
    const session = await begin();
    let stream: Parameters<Script>[1] | undefined;
    upstream.script = (seen, response) => {
      if (seen.method === 'GET') {
        expect(seen.headers['last-event-id']).toBe('e-1');
        stream = response;
        return events(response, textResult('1', 'late'));
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('id: e-1\nretry: 10\ndata: \n\n');
    };
    const own = await call(session);
    expect(own.text).toContain('id: e-1');
    expect(gateway.records).toHaveLength(1);
    const resumed = await listen(session, { 'last-event-id': 'e-1' });
    expect(await until(resumed, 'late')).toContain('"id":1');
    expect(gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'allowed', status: 'ok' });
    stream?.end();
  });

  it('has one stream of its own, which carries the upstream’s events and the gateway’s own notice', async () => {
    await start(legacyServer());
    const session = await begin();
    upstream.script = (_seen, response) => events(response, '{"jsonrpc":"2.0","method":"notifications/resources/list_changed"}');
    const stream = await listen(session);
    expect(await until(stream, 'resources/list_changed')).toContain('event: message');
    expect((await listen(session)).status).toBe(409);
    await grant.organisation.publish({ ...POLICY, tools: { echo: {}, other: {} } }, grant.policyId);
    expect(await until(stream, 'tools/list_changed')).toContain('notifications/tools/list_changed');
  });

  it('keeps its stream open where the upstream has none, and is told nothing when the list stays the same', async () => {
    await start(legacyServer());
    const session = await begin();
    const stream = await listen(session);
    expect(stream.status).toBe(200);
    await grant.organisation.publish({ ...POLICY, description: 'the same tools' }, grant.policyId);
    await grant.organisation.quarantine(grant.serverId, ['echo']);
    expect((await until(stream, 'list_changed')).match(/list_changed/g)).toHaveLength(1);
  });

  it('closes, with its stream, when its grant is revoked', async () => {
    await start(legacyServer());
    const session = await begin();
    const stream = await listen(session);
    await grant.organisation.revoke(grant.grantId);
    expect(await until(stream, 'never')).toContain('(ended)');
    expect(await gateway.metrics.metrics()).toContain('sallyport_sessions 0');
  });

  it('closes, with its stream, when its grant’s time is over', async () => {
    await start(legacyServer());
    const stream = await listen(await begin());
    gateway.clock.advance(86_400_001);
    expect(await until(stream, 'never')).toContain('(ended)');
    expect(await gateway.metrics.metrics()).toContain('sallyport_sessions 0');
  });

  it('closes when it has rested for as long as the operator lets it, unless a stream of it is open', async () => {
    await start(legacyServer(), { sessionIdleMs: 1_000 });
    const [listened, rested] = [await begin(), await begin()];
    const stream = await listen(listened);
    gateway.clock.advance(1_001);
    gateway.feed.beat();
    await expect.poll(() => gateway.metrics.metrics(), { timeout: 10_000 }).toContain('sallyport_sessions 1');
    expect([(await call(rested)).status, (await call(listened)).status]).toEqual([404, 200]);
    await stream.body?.cancel();
  });

  it('closes, with its stream, when its identity is disabled', async () => {
    await start(legacyServer());
    const stream = await listen(await begin());
    const { identityId } = grant;
    await grant.organisation.append({ kind: 'identity', id: identityId }, { type: 'identity.disabled', version: 1, data: { identityId } });
    expect(await until(stream, 'never')).toContain('(ended)');
    expect(await gateway.metrics.metrics()).toContain('sallyport_sessions 0');
  });

  it('loses the stream of a token that was replaced without an overlap, and goes on with the new one', async () => {
    await start(legacyServer());
    const session = await begin();
    const stream = await listen(session);
    const token = await grant.organisation.rotate(grant.grantId, 0);
    expect(await until(stream, 'never')).toContain('(ended)');
    expect((await postFrame({ ...grant, token }, callFrame('echo'), { 'mcp-session-id': session })).status).toBe(200);
  });
});

describe('the stateless era', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let grant: TestGrant;

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start((seen, response) => json(response, textResult(seen.id, 'x')));
    gateway = await TestGateway.start();
    grant = await gateway.grantFor({ url: upstream.url, eras: ['modern'], policy: POLICY });
  });

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  const stream = (method: string, params: object, signal?: AbortSignal) => {
    const { body, headers } = modernFrame(method, params);
    return fetch(grant.url, { method: 'POST', ...(signal === undefined ? {} : { signal }), headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${grant.token}`, ...headers }, body });
  };

  it('sends the mirror headers and the unknown parameters along, and its credential nowhere', async () => {
    const { body, headers } = modernFrame('tools/call', { name: 'echo' });
    await postFrame(grant, body, { ...headers, 'mcp-param-tenant': 'a', 'mcp-session-id': 'ignored', forwarded: 'for=1.2.3.4', 'x-forwarded-for': '1.2.3.4', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    expect(upstream.calls[0]).toMatchObject({ body, headers: { 'mcp-name': 'echo', 'mcp-method': 'tools/call', 'mcp-protocol-version': '2026-07-28', 'mcp-param-tenant': 'a', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } });
    for (const name of ['authorization', 'mcp-session-id', 'forwarded', 'x-forwarded-for']) expect(upstream.calls[0]?.headers).not.toHaveProperty(name);
  });

  it('takes a hang-up for a cancel: the upstream is told by its own', async () => {
    const abort = new AbortController();
    let cancelled = false;
    upstream.script = (_seen, response) => void response.on('close', () => (cancelled = true));
    const gone = stream('tools/call', { name: 'echo' }, abort.signal).catch(() => 'gone');
    await upstream.hasSeen(1);
    abort.abort();
    expect(await gone).toBe('gone');
    await expect.poll(() => cancelled).toBe(true);
    await expect.poll(() => gateway.records.at(-1)).toMatchObject({ kind: 'completed', outcome: 'error', status: 'cancelled' });
  });

  it('has no GET', async () => {
    const response = await fetch(grant.url, { headers: { accept: 'text/event-stream', authorization: `Bearer ${grant.token}`, 'mcp-protocol-version': '2026-07-28' } });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('passes a question in a result untouched, and decides its retry anew', async () => {
    const asked = '{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","requestState":"opaque","inputRequests":{}}}';
    upstream.script = (_seen, response) => json(response, asked);
    const first = modernFrame('tools/call', { name: 'echo' });
    expect((await postFrame(grant, first.body, first.headers)).text).toBe(asked);
    upstream.script = (seen, response) => json(response, textResult(seen.id, 'x'));
    const retry = modernFrame('tools/call', { name: 'echo', requestState: 'opaque', inputResponses: {} }, 2);
    await postFrame(grant, retry.body, retry.headers);
    expect(gateway.records.map((record) => record.kind)).toEqual(['decided', 'completed', 'decided', 'completed']);
    expect(upstream.calls[1]?.body).toBe(retry.body);
  });

  it('tells a listening client that its tools changed, and ends its stream with its grant', async () => {
    upstream.script = (seen, response) => events(response, `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":${seen.id}}}}`);
    const listening = await stream('subscriptions/listen', { notifications: { toolsListChanged: true } });
    await until(listening, 'acknowledged');
    await grant.organisation.publish({ ...POLICY, tools: { other: {} } }, grant.policyId);
    expect(await until(listening, 'tools/list_changed')).toContain('"io.modelcontextprotocol/subscriptionId":1');
    await grant.organisation.revoke(grant.grantId);
    expect(await until(listening, 'never')).toContain('"resultType":"complete"');
    expect(gateway.records).toEqual([]);
  });

  it('says to a client with sessions which revisions there are instead', async () => {
    expect(await postFrame(grant, INITIALIZE)).toMatchObject({ status: 400, message: { id: 0, error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2025-11-25' } } } });
  });
});
