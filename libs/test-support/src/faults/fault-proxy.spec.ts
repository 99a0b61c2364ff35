import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FaultProxy } from './fault-proxy.js';

let echo: Server;
let proxy: FaultProxy;
let client: Socket;

beforeEach(async () => {
  echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await FaultProxy.start((echo.address() as AddressInfo).port);
  client = await opened();
});
afterEach(async () => {
  client.destroy();
  await proxy.close();
  echo.close();
});

async function opened(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: proxy.port }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** Sends, and resolves with as many bytes as come back and how long that took. */
async function roundTrip(text: string, socket = client): Promise<{ readonly text: string; readonly pieces: number; readonly ms: number }> {
  const beganMs = performance.now();
  let [got, pieces] = ['', 0];
  socket.write(text);
  while (got.length < text.length) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    got += data.toString();
    pieces += 1;
  }
  return { text: got, pieces, ms: performance.now() - beganMs };
}

describe('a line', () => {
  it('passes everything unchanged both ways, and its end', async () => {
    const text = 'x'.repeat(300_000);
    expect((await roundTrip(text)).text).toBe(text);
    client.end();
    await closed(client);
    expect(client.errored).toBeNull();
  });

  it('with latency delivers later, each way, in order', async () => {
    proxy.set({ kind: 'latency', ms: 60 });
    const [one, two] = [roundTrip('one'), roundTrip('two')];
    expect((await one).ms).toBeGreaterThanOrEqual(115);
    await two;
    proxy.set({ kind: 'none' });
    expect((await roundTrip('after')).text).toBe('after');
  });

  it('in a blackhole is silent and open, and delivers what was sent once that ends', async () => {
    await roundTrip('before');
    proxy.set({ kind: 'blackhole' });
    const lost = roundTrip('held');
    const other = await opened();
    const otherLost = roundTrip('new', other);
    await expect.poll(() => proxy.holding).toBe(2);
    expect(await Promise.race([lost, otherLost, turn('silence')])).toBe('silence');
    expect(client.destroyed).toBe(false);
    proxy.set({ kind: 'none' });
    expect((await lost).text).toBe('held');
    expect((await otherLost).text).toBe('new');
    other.destroy();
  });

  it('that is refused resets who comes new', async () => {
    proxy.set({ kind: 'refused' });
    const socket = connect({ host: '127.0.0.1', port: proxy.port });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(client.destroyed).toBe(false);
  });

  it('that is reset ends at once at both ends, and a new one works', async () => {
    await roundTrip('before');
    proxy.reset();
    await closed(client);
    expect(client.errored).toMatchObject({ code: 'ECONNRESET' });
    client = await opened();
    expect((await roundTrip('again')).text).toBe('again');
  });

  it('trickles in small pieces', async () => {
    proxy.set({ kind: 'trickle', bytes: 2, everyMs: 5 });
    const { text, pieces, ms } = await roundTrip('0123456789');
    expect(text).toBe('0123456789');
    expect(pieces).toBeGreaterThan(1);
    expect(ms).toBeGreaterThanOrEqual(20);
  });

  it('is no faster than its bandwidth', async () => {
    proxy.set({ kind: 'bandwidth', bytesPerSecond: 50_000 });
    expect((await roundTrip('y'.repeat(10_000))).ms).toBeGreaterThanOrEqual(150);
  });

  it('whose target is gone is reset', async () => {
    proxy.aimAt(1);
    const socket = connect({ host: '127.0.0.1', port: proxy.port }).on('error', () => undefined);
    await closed(socket);
    expect(socket.destroyed).toBe(true);
  });
});
