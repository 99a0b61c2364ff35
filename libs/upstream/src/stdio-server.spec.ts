import { ManualScheduler } from '@sallyport/kernel/testing';
import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from './deferred.js';
import { spanAt } from './json-span.js';
import type { StdioHandler, StdioServerEvent } from './stdio-call.js';
import type { StdioRequest } from './stdio-exchange.js';
import { StdioServer, type StdioServerOptions } from './stdio-server.js';
import type { UpstreamErrorKind } from './upstream-call.js';

/** A server in a few lines: `on(message)` is the script's own, the rest is framing. */
const FRAMING = `
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const legacy = (m) => m.method === 'initialize' && process.stdout.write('{"jsonrpc":"2.0","id":' + m.id + ',"result":{"protocolVersion":"2025-06-18","big":9007199254740993}}\\n');
const unknown = (m) => m.id !== undefined && say({ id: m.id, error: { code: -32601, message: 'no' } });
let text = '';
process.stdin.on('data', (chunk) => {
  text += chunk;
  for (let end = text.indexOf('\\n'); end !== -1; end = text.indexOf('\\n')) { const line = text.slice(0, end); text = text.slice(end + 1); on(JSON.parse(line), line); }
});
process.stdin.on('end', () => process.exit(0));
`;
const LEGACY = `function on(m, line) { if (legacy(m)) return; if (m.method === 'server/discover') return unknown(m); other(m, line); }`;

const servers: StdioServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function serverOf(script: string, options: StdioServerOptions = {}): { server: StdioServer; events: StdioServerEvent[] } {
  const events: StdioServerEvent[] = [];
  const entry = { slug: 's', command: process.execPath, args: ['-e', FRAMING + script], env: { GIVEN: 'yes' } };
  const server = new StdioServer(entry, { onEvent: (event) => events.push(event), ...options });
  servers.push(server);
  return { server, events };
}

function scanned(text: string): StdioRequest {
  const bytes = Buffer.from(text);
  return { bytes, spans: { id: spanAt(bytes, ['id']) ?? null, progressToken: spanAt(bytes, ['params', '_meta', 'progressToken']) ?? null } };
}

interface Heard {
  readonly response: string | undefined;
  readonly error: UpstreamErrorKind | undefined;
  readonly notifications: readonly string[];
}

function ask(server: StdioServer, text: string, extra: Partial<StdioHandler> = {}) {
  const notifications: string[] = [];
  const end = deferred<Heard>();
  const call = server.request(scanned(text), {
    onNotification: (message) => notifications.push(message.toString()),
    onResponse: (message) => end.resolve({ response: message.toString(), error: undefined, notifications }),
    onError: (error) => end.resolve({ response: undefined, error, notifications }),
    ...extra,
  });
  return { call, heard: end.promise };
}

describe('a stdio server', () => {
  it('falls back to initialize when discover is unknown, and keeps the result as it was written', async () => {
    const { server, events } = serverOf(`${LEGACY} function other() {}`);
    const result = '{"protocolVersion":"2025-06-18","big":9007199254740993}';
    expect(await server.introduce()).toEqual({ ok: true, value: { era: 'legacy', protocolVersions: ['2025-06-18'], result } });
    expect(server.state).toBe('ready');
    expect(events.map((event) => event.type)).toEqual(['started', 'introduced']);
  });

  it('takes a server for modern when its discover offers a modern revision', async () => {
    const { server } = serverOf(`function on(m) { if (m.method === 'server/discover') say({ id: m.id, result: { supportedVersions: ['2025-11-25', '2026-07-28'], serverInfo: {} } }); else unknown(m); }`);
    expect(await server.introduce()).toMatchObject({ ok: true, value: { era: 'modern', protocolVersions: ['2026-07-28', '2025-11-25'] } });
  });

  it('takes it for legacy when discover succeeds but offers only legacy revisions', async () => {
    const { server } = serverOf(`function on(m) { if (m.method === 'server/discover') say({ id: m.id, result: { supportedVersions: ['2025-11-25'] } }); else legacy(m); }`);
    expect(await server.introduce()).toMatchObject({ ok: true, value: { era: 'legacy' } });
  });

  it('falls back after silence', async () => {
    const { server } = serverOf(`function on(m) { legacy(m); }`, { limits: { probeMs: 1 } });
    expect(await server.introduce()).toMatchObject({ ok: true, value: { era: 'legacy' } });
  });

  it('starts a server anew as legacy when it ends at the sight of a discover', async () => {
    const { server, events } = serverOf(`function on(m) { if (m.method === 'server/discover') process.exit(1); legacy(m); }`);
    expect(await server.introduce()).toMatchObject({ ok: true, value: { era: 'legacy' } });
    expect(events.map((event) => event.type)).toEqual(['started', 'exited', 'started', 'introduced']);
  });

  it('gives up on a server that answers both openings with errors, and tries again later', async () => {
    const { server, events } = serverOf('function on(m) { unknown(m); }');
    expect(await server.introduce()).toEqual({ ok: false, refusal: 'refused' });
    await expect.poll(() => events.at(-1)?.type).toBe('restarting');
  });

  it('restores each client id as it was written, also when two clients chose the same', async () => {
    const { server } = serverOf(`${LEGACY} const held = []; function other(m) { if (m.id === undefined) return; held.push(m); if (held.length === 3) for (const h of held.reverse()) say({ result: { said: h.params.say }, id: h.id }); }`);
    const answers = await Promise.all([
      ask(server, '{"jsonrpc":"2.0","id":1,"method":"x","params":{"say":"a"}}').heard,
      ask(server, '{"jsonrpc":"2.0","id":1,"method":"x","params":{"say":"b"}}').heard,
      ask(server, '{"jsonrpc":"2.0","id":"1.0\\u00e9","method":"x","params":{"say":"c"}}').heard,
    ]);
    expect(answers.map((answer) => answer.response)).toEqual([
      '{"jsonrpc":"2.0","result":{"said":"a"},"id":1}',
      '{"jsonrpc":"2.0","result":{"said":"b"},"id":1}',
      '{"jsonrpc":"2.0","result":{"said":"c"},"id":"1.0\\u00e9"}',
    ]);
  });

  it('sends a body with line breaks as one line, otherwise unchanged', async () => {
    const { server } = serverOf(`${LEGACY} function other(m, line) { if (m.id !== undefined) say({ id: m.id, result: { line } }); }`);
    const heard = await ask(server, '{"jsonrpc":"2.0",\r\n "id":7,\n "method":"x","params":{"n":9007199254740993}}').heard;
    expect(heard.response).toContain('{\\"jsonrpc\\":\\"2.0\\",   \\"id\\":3,  \\"method\\":\\"x\\",\\"params\\":{\\"n\\":9007199254740993}}');
  });

  it('gives progress to the request that asked for it, under its own token', async () => {
    const { server } = serverOf(`${LEGACY} function other(m) { if (m.id === undefined) return; const t = m.params._meta?.progressToken; if (t !== undefined) say({ method: 'notifications/progress', params: { progressToken: t, progress: 50 } }); setImmediate(() => say({ id: m.id, result: {} })); }`);
    const [one, other] = await Promise.all([
      ask(server, '{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":"tok"}}}').heard,
      ask(server, '{"jsonrpc":"2.0","id":1,"method":"x","params":{}}').heard,
    ]);
    expect(one.notifications).toEqual(['{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"tok","progress":50}}']);
    expect(other.notifications).toEqual([]);
  });

  it('skips and counts what is no message: log lines, batches, answers to nobody', async () => {
    const { server } = serverOf(`${LEGACY} console.log('🚀 starting'); console.log('[1]'); console.log('{"level":"info"}'); function other(m) { if (m.id === undefined) return; console.log('{broken'); say({ id: 999, result: {} }); say({ id: String(m.id), result: 'wrong' }); say({ id: m.id, result: 'right' }); say({ id: m.id, result: 'again' }); }`);
    expect((await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard).response).toContain('right');
    await expect.poll(() => server.noiseLines).toBe(7);
  });

  it('ends a call whose answer is longer than the bound, and goes on', async () => {
    const { server } = serverOf(`${LEGACY} function other(m) { if (m.id !== undefined) say({ id: m.id, result: 'x'.repeat(m.params.n) }); }`, { limits: { maxLineBytes: 1000 } });
    expect((await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x","params":{"n":2000}}').heard).error).toBe('too_large');
    expect((await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x","params":{"n":5}}').heard).response).toContain('xxxxx');
  });

  it('answers pings itself, and requests that belong to no single call with "method not found"', async () => {
    const { server } = serverOf(`${LEGACY} let asked; const seen = []; function other(m, line) { if (m.method === 'x') { asked = m.id; say({ id: 'p', method: 'ping' }); process.stdout.write('{"jsonrpc":"2.0","id":12345678901234567890,"method":"roots/list"}\\n'); } else if (m.method === undefined) { seen.push(line); if (seen.length === 2) say({ id: asked, result: { seen } }); } }`);
    const heard = await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard;
    expect(JSON.parse(heard.response ?? '')).toMatchObject({
      result: { seen: ['{"jsonrpc":"2.0","id":"p","result":{}}', expect.stringContaining('"id":12345678901234567890,"error":{"code":-32601')] },
    });
  });

  it("hands the server's request to the only caller there is, and its answer back", async () => {
    const { server } = serverOf(`${LEGACY} let asked; function other(m) { if (m.method === 'x') { asked = m.id; say({ id: 'q', method: 'elicitation/create' }); } else if (m.id === 'q') say({ id: asked, result: m.result }); }`);
    const { heard } = ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}', {
      onServerRequest: () => server.respond(Buffer.from('{"jsonrpc":"2.0","id":"q","result":{"action":"accept"}}')),
    });
    expect((await heard).response).toContain('accept');
  });

  it('passes notifications for nobody in particular to those who listen', async () => {
    const { server } = serverOf(`${LEGACY} function other(m) { if (m.id !== undefined) { say({ method: 'notifications/tools/list_changed' }); say({ id: m.id, result: {} }); } }`);
    const heard: string[] = [];
    const stop = server.onNotification((message) => heard.push(message.toString()));
    await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard;
    stop();
    await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard;
    expect(heard).toEqual(['{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}']);
  });

  it('tells the server about an aborted call and drops its late answer', async () => {
    const { server } = serverOf(`${LEGACY} let slow; function other(m) { if (m.method === 'slow') slow = m.id; else if (m.method === 'notifications/cancelled') { say({ id: m.params.requestId, result: 'late' }); slow = m.params.requestId === slow; } else if (m.id !== undefined) say({ id: m.id, result: { slow } }); }`);
    await server.introduce();
    const heard: string[] = [];
    const slow = ask(server, '{"jsonrpc":"2.0","id":1,"method":"slow"}', { onResponse: () => heard.push('response'), onError: () => heard.push('error') });
    expect(slow.call.sent).toBe(true);
    slow.call.abort();
    expect((await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard).response).toContain('{"slow":true}');
    expect(heard).toEqual([]);
  });

  it('asks for the last word in the step that writes', async () => {
    const { server } = serverOf(`${LEGACY} let count = 0; function other(m) { if (m.id !== undefined) say({ id: m.id, result: { count: ++count } }); }`);
    const refused = ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}', { beforeSend: () => false });
    expect((await refused.heard).error).toBe('withdrawn');
    expect(refused.call.sent).toBe(false);
    expect((await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard).response).toContain('{"count":1}');
  });

  it('gives the process only its own environment and PATH and HOME', async () => {
    const { server } = serverOf(`${LEGACY} function other(m) { if (m.id !== undefined) say({ id: m.id, result: Object.keys(process.env).filter((n) => !n.startsWith('__')).sort() }); }`);
    expect((await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard).response).toContain('"result":["GIVEN","HOME","PATH"]');
  });

  it('ends sent calls as reset when the process exits, and restarts it with growing pauses', async () => {
    const scheduler = new ManualScheduler();
    const { server, events } = serverOf(`${LEGACY} function other(m) { if (m.method === 'die') process.exit(3); if (m.id !== undefined) say({ id: m.id, result: {} }); }`, { scheduler });
    for (const pauseMs of [250, 500, 1000]) {
      expect(await ask(server, '{"jsonrpc":"2.0","id":1,"method":"die"}').heard).toMatchObject({ error: 'reset' });
      expect(events.slice(-2)).toEqual([{ type: 'exited', code: 3, signal: null, noiseLines: 0 }, { type: 'restarting', inMs: pauseMs }]);
      expect(await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard).toMatchObject({ error: 'refused' });
      scheduler.advance(pauseMs);
      expect(await server.introduce()).toMatchObject({ ok: true });
    }
    scheduler.advance(10_000);
    await ask(server, '{"jsonrpc":"2.0","id":1,"method":"die"}').heard;
    expect(events.at(-1)).toEqual({ type: 'restarting', inMs: 250 });
  });

  it('reports a command that does not exist', async () => {
    const events: StdioServerEvent[] = [];
    const server = new StdioServer({ slug: 's', command: '/does/not/exist', args: [], env: {} }, { onEvent: (event) => events.push(event) });
    servers.push(server);
    expect(await server.introduce()).toEqual({ ok: false, refusal: 'refused' });
    expect(events[0]).toEqual({ type: 'not_started', reason: 'ENOENT' });
  });

  it('stops a process that ignores the end of its input, and is finished then', async () => {
    const { server, events } = serverOf(`${LEGACY} function other() {} process.stdin.removeAllListeners('end'); process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);`, { limits: { stopGraceMs: 20 } });
    await server.introduce();
    await server.stop();
    expect(events.at(-1)).toEqual({ type: 'exited', code: null, signal: 'SIGKILL', noiseLines: 0 });
    expect(await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard).toMatchObject({ error: 'closed' });
    expect(await server.introduce()).toEqual({ ok: false, refusal: 'closed' });
  });

  it('refuses the request beyond its bound', async () => {
    const { server } = serverOf(`${LEGACY} function other() {}`, { limits: { maxInFlight: 1 } });
    const first = ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}');
    expect(await ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}').heard).toMatchObject({ error: 'pool_full' });
    first.call.abort();
    expect(first.call.sent).toBe(false);
  });

  it('keeps what the pipe does not take at once, asks for the last word when it does, and takes no answer before', async () => {
    const { server } = serverOf(`${LEGACY} function other(m) { if (m.method === 'stall') { const until = Date.now() + 150; while (Date.now() < until); say({ id: m.id + 2, result: 'forged' }); } if (m.id !== undefined) say({ id: m.id, result: {} }); }`);
    await server.introduce();
    const stall = ask(server, '{"jsonrpc":"2.0","id":1,"method":"stall"}');
    const big = ask(server, `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"${'x'.repeat(4_000_000)}"}}`);
    let asked = false;
    const waiting = ask(server, '{"jsonrpc":"2.0","id":1,"method":"x"}', { beforeSend: () => (asked = true) });
    expect({ sent: waiting.call.sent, asked }).toEqual({ sent: false, asked: false });
    expect(await waiting.heard).toMatchObject({ error: undefined, response: expect.not.stringContaining('forged') });
    await Promise.all([stall.heard, big.heard]);
    expect({ sent: waiting.call.sent, asked }).toEqual({ sent: true, asked: true });
  });
});
