import { afterEach, describe, expect, it } from 'vitest';

import { conformanceServer, hostileUpstream, listenOnLoopback, SEED_SERVERS, seedServer, type HostileMode } from '@sallyport/test-support';

import { EgressGuard } from './egress-guard.js';
import { inspectServer, type InspectionOptions } from './inspect-server.js';

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

const guard = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] });
const scope = { organisationId: 'o1', organisationSlug: 'acme' };
const inspect = (url: string, options: InspectionOptions = {}, headers: readonly string[] = []) =>
  inspectServer({ kind: 'http', url, headers, guard, scope }, options);

async function inspectHostile(mode: HostileMode, options: InspectionOptions = {}) {
  const upstream = await hostileUpstream(mode);
  running.push(upstream.close);
  return inspect(upstream.url, options);
}

const modernAnswer = (id: unknown, result: object): string => JSON.stringify({ jsonrpc: '2.0', id, result });

describe('inspecting a server', () => {
  it.each(SEED_SERVERS)('lists %s over HTTP, each tool exactly as sent', async (name) => {
    const server = await seedServer(name, { transport: 'http' });
    running.push(server.close);
    const inspected = await inspect(server.url, {}, ['X-API-Key', 'k']);
    expect(inspected).toMatchObject({ ok: true, value: { eras: ['legacy'], protocolVersions: [server.list.protocolVersion] } });
    if (!inspected.ok) return;
    expect(inspected.value.tools).toEqual(server.list.tools.map((tool) => JSON.stringify(tool)));
    expect(JSON.parse(inspected.value.serverInfo)).toEqual(server.list.serverInfo);
    expect(JSON.parse(inspected.value.capabilities)).toEqual(server.list.capabilities);
    expect(server.received.every((message) => message.headers?.['x-api-key'] === 'k')).toBe(true);
  });

  it.each(SEED_SERVERS)('lists %s over stdio, skipping its noise', async (name) => {
    const server = await seedServer(name, { transport: 'stdio' });
    running.push(server.close);
    const entry = { slug: name, command: server.command?.command ?? '', args: server.command?.args ?? [], env: {} };
    const inspected = await inspectServer({ kind: 'stdio', entry });
    expect(inspected).toMatchObject({ ok: true, value: { eras: ['legacy'] } });
    expect(inspected.ok && inspected.value.tools).toHaveLength(server.list.tools.length);
  });

  it('sees both eras of a server that speaks both, and leaves no session behind', async () => {
    const server = await conformanceServer();
    running.push(server.close);
    const inspected = await inspect(server.url);
    expect(inspected).toMatchObject({ ok: true, value: { eras: ['modern', 'legacy'], protocolVersions: expect.arrayContaining(['2026-07-28', '2025-11-25']) } });
    expect(inspected.ok && inspected.value.protocolVersions[0]).toBe('2026-07-28');
    expect(inspected.ok && JSON.parse(inspected.value.serverInfo)).toMatchObject({ name: 'conformance-fixture' });
    expect(inspected.ok && inspected.value.tools.length).toBeGreaterThan(20);
    expect(server.sessions()).toBe(0);
  });

  it('takes a server for modern only when its discover offers a modern revision, and lists it that way', async () => {
    const asked: unknown[] = [];
    const server = await listenOnLoopback((request, response) => {
      void request.toArray().then((parts) => {
        const message = JSON.parse(String(Buffer.concat(parts)));
        asked.push([request.headers['mcp-method'], request.headers['mcp-protocol-version'], message.method]);
        if (message.method === 'server/discover') response.end(modernAnswer(message.id, { supportedVersions: ['2026-07-28'], serverInfo: { name: 'm' } }));
        else if (message.method === 'tools/list') response.end(modernAnswer(message.id, { tools: [{ name: 'a', big: 1 }] }).replace('"big":1', '"big":9007199254740993'));
        else response.writeHead(400).end();
      });
    });
    running.push(server.close);
    expect(await inspect(`${server.origin}/mcp`)).toEqual({
      ok: true,
      value: {
        eras: ['modern'],
        protocolVersions: ['2026-07-28'],
        serverInfo: '{"name":"m"}',
        capabilities: '{}',
        instructions: null,
        tools: ['{"name":"a","big":9007199254740993}'],
      },
    });
    expect(asked[0]).toEqual(['server/discover', '2026-07-28', 'server/discover']);
    expect(asked.at(-1)).toEqual(['tools/list', '2026-07-28', 'tools/list']);
  });

  it('keeps whatever tools there are, broken, doubled and oddly named ones too', async () => {
    for (const mode of ['odd-names', 'same-name-twice', 'broken-tools', 'huge-description'] as const) {
      const inspected = await inspectHostile(mode);
      expect(inspected.ok && inspected.value.tools.length > 1, mode).toBe(true);
    }
  });

  it('stops at a cursor that comes back, and refuses lists without an end', async () => {
    expect(await inspectHostile('repeated-cursor')).toMatchObject({ ok: true, value: { tools: [expect.any(String)] } });
    expect(await inspectHostile('ten-thousand-tools')).toMatchObject({ ok: false, refusal: { code: 'too_large' } });
    expect(await inspectHostile('endless-cursor')).toMatchObject({ ok: false, refusal: { code: 'too_large', message: expect.stringContaining('100 pages') } });
    expect(await inspectHostile('endless-cursor', { limits: { tools: 20 } })).toMatchObject({ refusal: { message: expect.stringContaining('more than 20 tools') } });
    expect(await inspectHostile('huge-description', { limits: { pageBytes: 100_000 } })).toMatchObject({ ok: false, refusal: { code: 'too_large' } });
    expect(await inspectHostile('huge-description', { limits: { listBytes: 100_000 } })).toMatchObject({ ok: false, refusal: { code: 'too_large' } });
  });

  it('says what to do when the server wants credentials, fails, or is none', async () => {
    expect(await inspectHostile('unauthorised')).toMatchObject({ refusal: { code: 'unauthorised', message: expect.stringContaining('Check the header') } });
    expect(await inspectHostile('server-error')).toMatchObject({ refusal: { code: 'upstream_error' } });
    const page = await listenOnLoopback((_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    const missing = await listenOnLoopback((_request, response) => void response.writeHead(404).end());
    const elsewhere = await listenOnLoopback((_request, response) => void response.writeHead(301, { location: '/x' }).end());
    const silent = await listenOnLoopback(() => undefined);
    running.push(page.close, missing.close, elsewhere.close, silent.close);
    expect(await inspect(page.origin)).toMatchObject({ refusal: { code: 'not_mcp' } });
    expect(await inspect(missing.origin)).toMatchObject({ refusal: { code: 'not_mcp', message: expect.stringContaining('Check the path') } });
    expect(await inspect(elsewhere.origin)).toMatchObject({ refusal: { code: 'redirect' } });
    expect(await inspect(silent.origin, { limits: { timeoutMs: 30 } })).toMatchObject({ refusal: { code: 'timeout' } });
    await page.close();
    expect(await inspect(page.origin)).toMatchObject({ refusal: { code: 'refused' } });
    expect(await inspect('http://10.0.0.1/mcp')).toMatchObject({ refusal: { code: 'egress' } });
    expect(await inspect(missing.origin.replace('http:', 'https:'))).toMatchObject({ refusal: { code: 'tls' } });
  });

  it('says what to do when a process cannot be started', async () => {
    const entry = { slug: 's', command: '/does/not/exist', args: [], env: {} };
    expect(await inspectServer({ kind: 'stdio', entry })).toMatchObject({ refusal: { code: 'not_started', message: expect.stringContaining('sallyport.yaml') } });
  });

  it('reads answers from an event stream, and does not wait for the stream to end', async () => {
    const server = await listenOnLoopback((request, response) => {
      void request.toArray().then((parts) => {
        const message = JSON.parse(String(Buffer.concat(parts)));
        if (message.method === 'server/discover' || message.id === undefined) return void response.writeHead(message.id === undefined ? 202 : 400).end();
        const result = message.method === 'initialize' ? { protocolVersion: '2025-06-18', serverInfo: { name: 's' }, instructions: 'Read "me".' } : { tools: [{ name: 'é' }] };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': hel');
        response.write(`lo\r\nid: 1\r\ndata:\r\n\r\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\r\n\r\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\r\n\r\n`);
      });
    });
    running.push(server.close);
    expect(await inspect(server.origin)).toMatchObject({ ok: true, value: { eras: ['legacy'], tools: ['{"name":"é"}'], instructions: 'Read "me".' } });
  });
});
