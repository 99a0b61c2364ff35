import { createServer, type AddressInfo, type Socket } from 'node:net';

import { ManualScheduler } from '@sallyport/kernel/testing';
import { afterEach, describe, expect, it } from 'vitest';

import { deferred } from './deferred.js';
import { EgressGuard } from './egress-guard.js';
import type { HttpUpstream, HttpUpstreamLimits } from './http-upstream.js';
import { TICK_MS } from './http1/coarse-clock.js';
import { post, send, upstreamAt } from './testing/http-calls.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const answer = (body: string, fields = ''): string => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${fields}\r\n${body}`;

interface Peer {
  readonly url: string;
  /** Every connection so far, in turn. */
  readonly sockets: readonly Socket[];
  /** Resolves when `count` connections were ended by the other side. */
  ended(count: number): Promise<void>;
}

/** A server that says what it is told to: `speaks` is called with each chunk that comes. */
async function peerThat(speaks: (socket: Socket, chunk: Buffer, nth: number) => void): Promise<Peer> {
  const sockets: Socket[] = [];
  let ended = 0;
  let heard = (): void => undefined;
  const server = createServer((socket) => {
    const nth = sockets.push(socket);
    socket.on('data', (chunk) => speaks(socket, chunk, nth)).on('error', () => undefined);
    socket.on('close', () => ((ended += 1), heard()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    sockets,
    ended: (count) => new Promise((resolve) => ((heard = () => void (ended >= count && resolve())), heard())),
  };
}

const isFreeAgain = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
const scheduler = (): ManualScheduler => new ManualScheduler();

function to(peer: Peer, setting: { limits?: Partial<HttpUpstreamLimits>; scheduler?: ManualScheduler } = {}): HttpUpstream {
  const made = upstreamAt(peer.url, { scheduler: scheduler(), ...setting });
  closers.unshift(() => made.destroy());
  return made;
}

describe('a kept connection', () => {
  it('carries call after call', async () => {
    const peer = await peerThat((socket) => socket.write(answer('ok')));
    const upstream = to(peer);
    for (let n = 0; n < 3; n += 1) expect(await send(upstream, post()).outcome).toMatchObject({ body: 'ok', error: undefined });
    expect(peer.sockets).toHaveLength(1);
  });

  it.each([
    ['the server said it would close', answer('ok', 'connection: close\r\n')],
    ['the server keeps it for a second only', answer('ok', 'keep-alive: timeout=1\r\n')],
    ['bytes came behind the answer', `${answer('ok')}HTTP/1.1 200 OK\r\n`],
    ['the server speaks HTTP/1.0', answer('ok').replace('1.1', '1.0')],
  ])('is left when %s', async (_, text) => {
    const peer = await peerThat((socket) => socket.write(text));
    const upstream = to(peer);
    expect(await send(upstream, post()).outcome).toMatchObject({ body: 'ok', error: undefined });
    await peer.ended(1);
    expect(await send(upstream, post()).outcome).toMatchObject({ body: 'ok', error: undefined });
    expect(peer.sockets).toHaveLength(2);
  });

  it('is left when bytes come unasked for: no call gets an answer that was sent before it asked', async () => {
    const peer = await peerThat((socket, _chunk, nth) => socket.write(answer(`from ${nth}`)));
    const upstream = to(peer);
    await send(upstream, post()).outcome;
    peer.sockets[0]?.write(answer('poison'));
    await peer.ended(1);
    expect(await send(upstream, post()).outcome).toMatchObject({ body: 'from 2', error: undefined });
  });

  it('is left when bytes come right behind an answer, though the next call waits already', async () => {
    const peer = await peerThat((socket, _chunk, nth) => socket.write(answer(`from ${nth}`)));
    const upstream = to(peer);
    const next = deferred<unknown>();
    send(upstream, post(), {
      onEnd: () => {
        peer.sockets[0]?.write(answer('poison'));
        void send(upstream, post()).outcome.then(next.resolve);
      },
    });
    expect(await next.promise).toMatchObject({ body: 'from 2', error: undefined });
  });

  it('that the server ends while it is idle costs no call', async () => {
    const peer = await peerThat((socket, _chunk, nth) => socket.write(answer(`from ${nth}`)));
    const upstream = to(peer);
    await send(upstream, post()).outcome;
    peer.sockets[0]?.end();
    await peer.ended(1);
    expect(await send(upstream, post()).outcome).toMatchObject({ body: 'from 2', error: undefined });
  });

  it('that has rested for a while carries no call before the loop has turned, so that its end is seen', async () => {
    const peer = await peerThat((socket) => socket.write(answer('ok')));
    const time = scheduler();
    const upstream = to(peer, { scheduler: time });
    await send(upstream, post()).outcome;
    await isFreeAgain();
    const soon = send(upstream, post());
    expect(soon.call.sent).toBe(true);
    await soon.outcome;
    await isFreeAgain();
    time.advance(TICK_MS);
    const later = send(upstream, post());
    expect(later.call.sent).toBe(false);
    expect(await later.outcome).toMatchObject({ body: 'ok', sent: true });
    expect(peer.sockets).toHaveLength(1);
  });

  it.each([
    ['as long as we keep it', answer('ok'), 4_000],
    ['a second less than the server says', answer('ok', 'keep-alive: timeout=3\r\n'), 2_000],
    ['as long as we keep it where the server says more', answer('ok', 'keep-alive: timeout=60\r\n'), 4_000],
  ])('is idle for %s, and not longer', async (_, text, keptMs) => {
    const peer = await peerThat((socket) => socket.write(text));
    const time = scheduler();
    const upstream = to(peer, { scheduler: time, limits: { keepAliveMs: 4_000 } });
    await send(upstream, post()).outcome;
    time.advance(keptMs - TICK_MS);
    await send(upstream, post()).outcome;
    expect(peer.sockets).toHaveLength(1);
    time.advance(keptMs);
    await peer.ended(1);
    expect(time.delaysMs).toEqual([]);
  });

  it('is made for each call that waits, up to as many as there may be; then calls are served in their order', async () => {
    const arrived: string[] = [];
    const peer = await peerThat((_socket, chunk) => arrived.push(chunk.toString().slice(5, 7)));
    const upstream = to(peer, { limits: { connections: 2, waiting: 3 } });
    const calls = [1, 2, 3, 4, 5].map((n) => send(upstream, post({ path: `/${n}` })));
    for (let n = 2; n <= 5; n += 1) {
      await expect.poll(() => arrived.length).toBe(n);
      peer.sockets[n % 2]?.write(answer('ok'));
    }
    expect(arrived.slice(0, 2).sort()).toEqual(['/1', '/2']);
    expect(arrived.slice(2)).toEqual(['/3', '/4', '/5']);
    expect(peer.sockets).toHaveLength(2);
    expect(upstream.inFlight).toBe(2);
    peer.sockets[0]?.write(answer('ok'));
    expect(await Promise.all(calls.map(({ outcome }) => outcome))).toHaveLength(5);
  });

  it('goes to the next call when the one it was for is withdrawn, also one that is asked for just then', async () => {
    const peer = await peerThat((socket) => socket.write(answer('ok')));
    const upstream = to(peer);
    await send(upstream, post()).outcome;
    await isFreeAgain();
    const after = deferred<unknown>();
    const withdrawn = send(upstream, post(), {
      beforeSend: () => false,
      onError: (kind) => void send(upstream, post()).outcome.then((outcome) => after.resolve([kind, outcome.body])),
    });
    expect(await after.promise).toEqual(['withdrawn', 'ok']);
    expect(withdrawn.call.sent).toBe(false);
    expect(peer.sockets).toHaveLength(1);
  });

  it('that is about to be free is waited for, instead of making another', async () => {
    const peer = await peerThat((socket) => socket.write(answer('ok')));
    const upstream = to(peer, { limits: { connections: 2 } });
    const next = deferred<unknown>();
    send(upstream, post(), { onEnd: () => void send(upstream, post()).outcome.then(next.resolve) });
    expect(await next.promise).toMatchObject({ body: 'ok' });
    await upstream.close();
    expect(peer.sockets).toHaveLength(1);
  });

  it('that ends before it is free again leaves the call that waited for it to another', async () => {
    const peer = await peerThat((socket, _chunk, nth) => socket.write(answer(`from ${nth}`)));
    const time = scheduler();
    const upstream = to(peer, { scheduler: time });
    send(upstream, post(), { onEnd: () => time.advance(60_000) });
    expect(await send(upstream, post()).outcome).toMatchObject({ body: 'from 2', error: undefined });
  });

  it('that has ended is not looked at where another one is free', async () => {
    const peer = await peerThat((socket, chunk) => chunk.includes('/1 ') && socket.write(answer('ok')));
    const upstream = to(peer, { limits: { connections: 2 } });
    const [one, other] = [send(upstream, post({ path: '/1' })), send(upstream, post({ path: '/2' }))];
    await one.outcome;
    await expect.poll(() => peer.sockets.length).toBe(2);
    const last = peer.sockets.find((socket) => socket.bytesWritten === 0);
    last?.write(answer('ok'));
    await other.outcome;
    await isFreeAgain();
    last?.end();
    await peer.ended(1);
    expect(send(upstream, post({ path: '/1' })).call.sent).toBe(true);
  });

  it('is not made for a call that was given up', async () => {
    const peer = await peerThat((socket) => socket.write(answer('ok')));
    const upstream = to(peer, { limits: { connections: 2 } });
    send(upstream, post()).call.abort();
    expect(await send(upstream, post()).outcome).toMatchObject({ body: 'ok' });
    await upstream.close();
    expect(peer.sockets).toHaveLength(1);
  });
});

describe('an answer', () => {
  it.each([
    ['that is none', 'SSH-2.0-OpenSSH_9\r\n\r\n'],
    ['of two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['of a head without end', `HTTP/1.1 200 OK\r\na: ${'b'.repeat(20_000)}`],
    ['that changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
  ])('%s ends the call as reset and the connection with it', async (_, text) => {
    const peer = await peerThat((socket) => socket.write(text));
    expect(await send(to(peer), post()).outcome).toMatchObject({ status: 0, error: 'reset', sent: true });
    await peer.ended(1);
  });

  it('that is damaged in its middle ends the call after what was read of it', async () => {
    const peer = await peerThat((socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\nx\r\n'));
    expect(await send(to(peer), post()).outcome).toMatchObject({ status: 200, body: 'a', error: 'reset' });
  });

  it('ends with its connection where it says no length', async () => {
    const peer = await peerThat((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    expect(await send(to(peer), post()).outcome).toMatchObject({ body: 'all of it', error: undefined });
  });

  it('that comes before the request was read whole is an answer, and its connection is not used again', async () => {
    const peer = await peerThat((socket, _chunk, nth) => {
      socket.pause();
      if (nth === 1) socket.write(answer('too large'));
      else socket.resume().write(answer('ok'));
    });
    const upstream = to(peer);
    expect(await send(upstream, post({ body: Buffer.alloc(16 * 1_048_576) })).outcome).toMatchObject({ body: 'too large', error: undefined });
    expect(await send(upstream, post()).outcome).toMatchObject({ body: 'ok', error: undefined });
    expect(peer.sockets).toHaveLength(2);
  });

  it.each([1, 16_384, 16_385, 3 * 1_048_576])('comes to a request of %i bytes, which arrive as they were given', async (size) => {
    const body = Buffer.alloc(size, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    const parts: Buffer[] = [];
    const peer = await peerThat((socket, chunk) => {
      parts.push(chunk);
      const read = Buffer.concat(parts);
      const end = read.indexOf('\r\n\r\n') + 4;
      if (read.length === end + size) socket.write(answer(String(read.subarray(end).equals(body))));
    });
    expect(await send(to(peer), post({ body })).outcome).toMatchObject({ body: 'true', error: undefined });
  });
});

describe('a call', () => {
  it('times out when no head comes in time, never early', async () => {
    const arrived = deferred<void>();
    const peer = await peerThat(() => arrived.resolve());
    const time = scheduler();
    const upstream = to(peer, { scheduler: time });
    const { outcome } = send(upstream, post({ headersTimeoutMs: 1_000 }));
    await arrived.promise;
    time.advance(1_000);
    expect(upstream.inFlight).toBe(1);
    time.advance(2 * TICK_MS);
    expect(upstream.inFlight).toBe(0);
    expect(await outcome).toMatchObject({ error: 'timeout', sent: true });
    await peer.ended(1);
  });

  it('times out on silence inside a body, and every part begins the time anew', async () => {
    const peer = await peerThat((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na'));
    const time = scheduler();
    const came = [deferred<void>(), deferred<void>()];
    let parts = 0;
    const { outcome } = send(to(peer, { scheduler: time }), post({ idleTimeoutMs: 1_000 }), { onData: () => (came[parts++]?.resolve(), true) });
    await came[0]?.promise;
    time.advance(1_000);
    peer.sockets[0]?.write('b');
    await came[1]?.promise;
    time.advance(1_000);
    expect(parts).toBe(2);
    time.advance(2 * TICK_MS);
    expect(await outcome).toMatchObject({ error: 'timeout' });
  });

  it('does not time out while its reader wants no more, and after that it does', async () => {
    const peer = await peerThat((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na'));
    const time = scheduler();
    const paused = deferred<void>();
    const upstream = to(peer, { scheduler: time });
    const { call, outcome } = send(upstream, post({ idleTimeoutMs: 1_000 }), { onData: () => (paused.resolve(), false) });
    await paused.promise;
    time.advance(60_000);
    expect(upstream.inFlight).toBe(1);
    call.resume();
    time.advance(1_000 + 2 * TICK_MS);
    expect(await outcome).toMatchObject({ error: 'timeout' });
  });

  it('of a stream that may rest never times out after its head', async () => {
    const began = deferred<void>();
    const peer = await peerThat((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n'));
    const time = scheduler();
    const { outcome } = send(to(peer, { scheduler: time }), post({ headersTimeoutMs: 1_000 }), { onHeaders: () => began.resolve() });
    await began.promise;
    time.advance(3_600_000);
    peer.sockets[0]?.write('a');
    expect(await outcome).toMatchObject({ error: undefined });
  });

  it('that waits or is under way ends as closed when everything is cut, and none comes after', async () => {
    const arrived = deferred<void>();
    const peer = await peerThat(() => arrived.resolve());
    const upstream = to(peer);
    const calls = [send(upstream, post()), send(upstream, post())];
    await arrived.promise;
    await upstream.destroy();
    expect(await Promise.all(calls.map(({ outcome }) => outcome))).toMatchObject([{ error: 'closed', sent: true }, { error: 'closed', sent: false }]);
    expect(await send(upstream, post()).outcome).toMatchObject({ error: 'closed', sent: false });
    await peer.ended(1);
  });

  it('that waits ends as closed while its connection is made, and that connection is cut', async () => {
    const peer = await peerThat(() => undefined);
    const guard = new EgressGuard({ allow: [{ cidr: '127.0.0.0/8' }], ports: [] });
    const upstream = upstreamAt(peer.url, { scheduler: scheduler(), guard });
    guard.acceptsPeer = () => (void upstream.destroy(), true);
    expect(await send(upstream, post()).outcome).toMatchObject({ error: 'closed', sent: false });
    await peer.ended(1);
  });

  it('that waits or is under way comes to its end before a pool is closed', async () => {
    const peer = await peerThat((socket) => socket.write(answer('ok')));
    const upstream = to(peer);
    const calls = [send(upstream, post()), send(upstream, post())];
    const closed = upstream.close();
    expect(await send(upstream, post()).outcome).toMatchObject({ error: 'closed', sent: false });
    expect(await Promise.all(calls.map(({ outcome }) => outcome))).toMatchObject([{ body: 'ok' }, { body: 'ok' }]);
    await closed;
    await peer.ended(1);
  });
});
