import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { timerScheduler } from '@sallyport/kernel';
import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from './deferred.js';
import { EgressGuard } from './egress-guard.js';
import { HttpUpstreams, type HttpUpstream, type HttpUpstreamLimits } from './http-upstream.js';
import { LIMITS, LOOPBACK, post, SCOPE, send, upstreamAt } from './testing/http-calls.js';

const timers = timerScheduler(globalThis);
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Seen {
  readonly url: string;
  readonly server: Server;
  readonly requests: IncomingMessage[];
  connections: number;
}

async function upstreamThat(answers: (request: IncomingMessage, response: ServerResponse) => void): Promise<Seen> {
  const server = createServer((request, response) => {
    seen.requests.push(request);
    answers(request, response);
  });
  server.on('connection', () => (seen.connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const seen: Seen = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, server, requests: [], connections: 0 };
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return seen;
}

function to(url: string, change: { guard?: EgressGuard; limits?: Partial<HttpUpstreamLimits> } = {}): HttpUpstream {
  const made = upstreamAt(url, { scheduler: timers, ...change });
  closers.unshift(() => made.destroy());
  return made;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('an HTTP upstream', () => {
  it('carries the request bytes out and status, raw headers and body back, over one kept connection', async () => {
    const seen = await upstreamThat(async (request, response) => {
      response.writeHead(418, { 'X-Odd': 'Yes' }).end(`${request.headers['accept-encoding']} ${await bodyOf(request)}`);
    });
    const upstream = to(seen.url);
    const first = await send(upstream, post()).outcome;
    expect(first).toMatchObject({ status: 418, body: 'identity {"a":1}', error: undefined, sent: true });
    expect(first.headers).toEqual(expect.arrayContaining(['X-Odd', 'Yes']));
    await send(upstream, post()).outcome;
    expect(seen.connections).toBe(1);
    expect(upstream.inFlight).toBe(0);
  });

  it('asks for the last word before a byte leaves, and on a no sends nothing and keeps the connection', async () => {
    const seen = await upstreamThat((_request, response) => response.end('ok'));
    const upstream = to(seen.url);
    await send(upstream, post()).outcome;
    const refused = await send(upstream, post(), { beforeSend: () => false }).outcome;
    expect(refused).toMatchObject({ error: 'withdrawn', sent: false });
    expect(await send(upstream, post(), { beforeSend: () => true }).outcome).toMatchObject({ error: undefined, sent: true });
    expect(seen.requests).toHaveLength(2);
    expect(seen.connections).toBe(1);
  });

  it('asks for the last word after the wait for a free connection, in the step that sends', async () => {
    const waiting: ServerResponse[] = [];
    const arrived = deferred<void>();
    const seen = await upstreamThat((_request, response) => {
      waiting.push(response);
      arrived.resolve();
    });
    const upstream = to(seen.url);
    let revoked = false;
    const first = send(upstream, post());
    await arrived.promise;
    const second = send(upstream, post(), { beforeSend: () => !revoked });
    revoked = true;
    waiting[0]?.end('done');
    expect(await first.outcome).toMatchObject({ body: 'done' });
    expect(await second.outcome).toMatchObject({ error: 'withdrawn', sent: false });
    expect(seen.requests).toHaveLength(1);
  });

  it('refuses the call that would wait behind a full queue', async () => {
    const arrived = deferred<ServerResponse>();
    const seen = await upstreamThat((_request, response) => arrived.resolve(response));
    const upstream = to(seen.url, { limits: { waiting: 0 } });
    const first = send(upstream, post());
    const held = await arrived.promise;
    expect(await send(upstream, post()).outcome).toMatchObject({ error: 'pool_full', sent: false });
    held.end();
    await first.outcome;
    expect(upstream.inFlight).toBe(0);
  });

  it('reports a result that is cut off as reset, and never sends the request again', async () => {
    const seen = await upstreamThat((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":', () => response.destroy());
    });
    expect(await send(to(seen.url), post()).outcome).toMatchObject({ status: 200, body: '{"half":', error: 'reset', sent: true });
    const silent = await upstreamThat((request) => request.socket.destroy());
    expect(await send(to(silent.url), post()).outcome).toMatchObject({ error: 'reset', sent: true });
    expect(silent.requests).toHaveLength(1);
  });

  it('reports a port where nobody listens as refused, unsent', async () => {
    const seen = await upstreamThat(() => undefined);
    await new Promise((resolve) => seen.server.close(resolve));
    expect(await send(to(seen.url), post()).outcome).toMatchObject({ error: 'refused', sent: false });
  });

  it('follows no redirect and refuses a compressed answer', async () => {
    const seen = await upstreamThat((request, response) => {
      if (request.url === '/r') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      else response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x');
    });
    const upstream = to(seen.url);
    expect(await send(upstream, post({ path: '/r' })).outcome).toMatchObject({ status: 0, error: 'redirect' });
    expect(await send(upstream, post()).outcome).toMatchObject({ status: 0, error: 'encoded' });
  });

  it('stops reading when the handler says so, until it is resumed', async () => {
    const size = 8 * 1024 * 1024;
    const seen = await upstreamThat((_request, response) => response.end(Buffer.alloc(size)));
    let read = 0;
    let pauses = 0;
    const { call, outcome } = send(to(seen.url), post(), {
      onData: (chunk) => {
        read += chunk.length;
        if (pauses === 3) return true;
        pauses += 1;
        setImmediate(() => call.resume());
        return false;
      },
    });
    expect(await outcome).toMatchObject({ error: undefined });
    expect({ read, pauses }).toEqual({ read: size, pauses: 3 });
  });

  it('cuts the connection of an aborted call and says nothing more to its handler', async () => {
    const closed = deferred<void>();
    const seen = await upstreamThat((_request, response) => {
      response.on('close', closed.resolve);
      response.write('part');
    });
    const upstream = to(seen.url);
    const heard: string[] = [];
    const { call } = send(upstream, post(), {
      onData: () => {
        heard.push('data');
        call.abort();
        return true;
      },
      onEnd: () => heard.push('end'),
      onError: () => heard.push('error'),
    });
    await closed.promise;
    expect(heard).toEqual(['data']);
    expect(await send(upstream, post(), { onData: () => true, beforeSend: () => false }).outcome).toMatchObject({ error: 'withdrawn' });
    expect(upstream.inFlight).toBe(0);
  });

  it('never sends a call that was aborted while it waited', async () => {
    const arrived = deferred<ServerResponse>();
    const seen = await upstreamThat((_request, response) => arrived.resolve(response));
    const upstream = to(seen.url);
    const first = send(upstream, post());
    const second = send(upstream, post());
    second.call.abort();
    expect(upstream.inFlight).toBe(1);
    (await arrived.promise).end();
    await first.outcome;
    expect(upstream.inFlight).toBe(0);
    expect(seen.requests).toHaveLength(1);
    expect(second.call.sent).toBe(false);
  });

  it('reports headers that cannot be written, and plain text where TLS was expected', async () => {
    const seen = await upstreamThat((_request, response) => response.end());
    expect(await send(to(seen.url), post({ headers: ['x', 'a\r\nb'] })).outcome).toMatchObject({ error: 'unframeable', sent: false });
    expect(await send(to(seen.url.replace('http:', 'https:')), post()).outcome).toMatchObject({ error: 'tls', sent: false });
  });

  it('connects to nothing the guard refuses, however the name resolves [egress/guarded]', async () => {
    const seen = await upstreamThat((_request, response) => response.end());
    const rebinding = new EgressGuard({ allow: [], ports: [] }, async () => ['127.0.0.1']);
    const outcome = await send(to(seen.url.replace('127.0.0.1', 'localhost'), { guard: rebinding }), post()).outcome;
    expect(outcome).toMatchObject({ error: 'egress', sent: false });
    expect(seen.connections).toBe(0);
  });

  it('sends nothing to a peer that is not the one it asked for', async () => {
    const seen = await upstreamThat((_request, response) => response.end());
    const suspicious = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] });
    suspicious.acceptsPeer = (_target, _scope, peer) => peer.connected === '127.0.0.2';
    expect(await send(to(seen.url, { guard: suspicious }), post()).outcome).toMatchObject({ error: 'egress', sent: false });
    expect(seen.requests).toHaveLength(0);
  });

  it('gives up on a resolver that never answers', async () => {
    const silent = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] }, () => new Promise(() => undefined));
    const upstream = to('http://upstream.test/mcp', { guard: silent, limits: { connectTimeoutMs: 20 } });
    expect(await send(upstream, post()).outcome).toMatchObject({ error: 'timeout', sent: false });
  });

  it('resolves again for every connection and connects to the pinned address under the name of the address', async () => {
    const seen = await upstreamThat((request, response) => response.end(request.headers.host));
    const named = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] }, async () => ['127.0.0.1']);
    const url = seen.url.replace('127.0.0.1', 'upstream.test');
    expect(await send(to(url, { guard: named }), post()).outcome).toMatchObject({ body: new URL(url).host, error: undefined });
  });
});

describe('the ways out of a process', () => {
  it('share nothing between organisations and are remade after a drop', async () => {
    const seen = await upstreamThat((_request, response) => response.end());
    const checked = LOOPBACK.checkUrl(seen.url, SCOPE);
    if (!checked.ok) throw new Error('unreachable');
    const ways = new HttpUpstreams(LOOPBACK, LIMITS, timers);
    const first = ways.at(checked.value, SCOPE);
    expect(ways.at(checked.value, SCOPE)).toBe(first);
    expect(ways.at(checked.value, { organisationId: 'o2', organisationSlug: 'b' })).not.toBe(first);
    ways.drop(checked.value, SCOPE);
    expect(await send(first, post()).outcome).toMatchObject({ error: 'closed', sent: false });
    expect(ways.at(checked.value, SCOPE)).not.toBe(first);
    await ways.close();
  });
});
