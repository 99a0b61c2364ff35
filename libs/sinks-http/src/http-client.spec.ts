import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import type { EpochMs } from '@sallyport/kernel';
import { ManualScheduler } from '@sallyport/kernel/testing';
import type { Delivery, SinkTools } from '@sallyport/sinks';
import { aBatch, outgoingEvents } from '@sallyport/sinks/testing';
import { EgressGuard, guardedNetwork } from '@sallyport/upstream';
import { afterEach, describe, expect, it } from 'vitest';

import { ANSWER_BYTES, HttpClient, REQUEST_DEADLINE_MS } from './http-client.js';
import { fakedBulk, fakedDatadog, fakedSplunk, fakedWebhook, type FakedSink } from './testing/examined.js';
import { FakeReceiver, type FaultMode } from './testing/fake-receiver.js';
import { sinkTools } from './testing/sink-tools.js';

const NEVER = new AbortController().signal;
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function delivering({ type, dialect, configuration }: FakedSink, fault: FaultMode | null, tools: SinkTools = sinkTools()): Promise<{ readonly delivery: Promise<Delivery>; readonly receiver: FakeReceiver }> {
  const receiver = await FakeReceiver.start(dialect);
  receiver.behave(fault);
  const sink = type.open(configuration(receiver.origin), tools);
  opened.push(() => sink.close(), () => receiver.close());
  return { delivery: sink.deliver(aBatch(outgoingEvents(3)), NEVER), receiver };
}

async function deliveryOf(faked: FakedSink, fault: FaultMode | null): Promise<Delivery> {
  return (await delivering(faked, fault)).delivery;
}

describe('a sink over HTTP', () => {
  it('follows no redirect, and says what to do', async () => {
    const { delivery, receiver } = await delivering(fakedWebhook(), 'redirect');
    expect(await delivery).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('Redirects are never followed') });
    expect(receiver.received).toHaveLength(1);
    expect(await deliveryOf(fakedWebhook(), 'moved')).toMatchObject({ kind: 'paused', cause: 'config', advice: expect.stringContaining('address') });
  });

  it('is unavailable when the connection breaks', async () => {
    expect(await deliveryOf(fakedDatadog(), 'reset')).toMatchObject({ kind: 'unavailable' });
  });

  it('takes the status for the answer when the body drips or never ends and nothing is wanted of it', async () => {
    for (const fault of ['slow_drip', 'body_never_ended'] as const) expect(await deliveryOf(fakedDatadog(), fault)).toEqual({ kind: 'delivered' });
  });

  it('ends at its deadline where the body is wanted and never ends', async () => {
    for (const fault of ['hang', 'slow_drip', 'body_never_ended'] as const) {
      const scheduler = new ManualScheduler();
      const { delivery, receiver } = await delivering(fakedBulk(), fault, sinkTools({ scheduler }));
      await expect.poll(() => receiver.received.length).toBe(1);
      scheduler.advance(REQUEST_DEADLINE_MS);
      expect(await delivery).toMatchObject({ kind: 'unavailable' });
    }
  });

  it('unpacks no gzip bomb, and reads no more of it than its bound', async () => {
    const before = process.memoryUsage().rss;
    expect(await deliveryOf(fakedBulk(), 'gzip_bomb')).toMatchObject({ kind: 'unavailable' });
    expect(await deliveryOf(fakedWebhook(), 'gzip_bomb')).toEqual({ kind: 'delivered' });
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1_048_576);
  });

  it('reads of a flood no more than its bound, and lets go of the connection, long before its deadline', async () => {
    let sentBytes = 0;
    const server = createServer((_request, response) => {
      const flood = new Readable({ highWaterMark: 65_536, read: () => void ((sentBytes += 65_536), flood.push(Buffer.alloc(65_536, 'x'))) });
      response.on('close', () => flood.destroy());
      flood.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const never = { after: () => () => undefined };
    const client = new HttpClient({ origin: `http://127.0.0.1:${port}`, host: '127.0.0.1', port, path: '', tls: null }, sinkTools({ scheduler: never }));
    opened.push(() => client.close(), () => new Promise((resolve) => server.close(() => resolve())));
    for (const needsBody of [true, false]) {
      const answered = await client.post({ path: '/', headers: {}, body: '{}', needsBody }, NEVER);
      expect(answered).toMatchObject({ ok: true, value: { status: 200, complete: false } });
      expect(answered.ok && answered.value.body.length).toBe(ANSWER_BYTES);
    }
    expect(sentBytes).toBeLessThan(64 * 1_048_576);
  });

  it('keeps to an HTTP date of Retry-After, and to its cap', async () => {
    const now = Date.UTC(2026, 10, 21, 12, 0, 0) as EpochMs;
    const clock = { now: () => now, monotonicMs: () => 0 };
    const { delivery } = await delivering(fakedDatadog(), { status: 503, retryAfter: 'Sat, 21 Nov 2026 12:01:00 GMT' }, sinkTools({ clock }));
    expect(await delivery).toMatchObject({ kind: 'unavailable', retryAfterMs: 60_000 });
    expect(await deliveryOf(fakedDatadog(), { status: 500 })).toEqual({ kind: 'unavailable', reason: 'The receiver answered HTTP 500.' });
  });

  it('is paused when its address may not be reached, without telling the address', async () => {
    const network = guardedNetwork(new EgressGuard({ allow: [], ports: [] }), { organisationId: 'o', organisationSlug: 'o' });
    const delivery = await (await delivering(fakedWebhook(), null, sinkTools({ network }))).delivery;
    expect(delivery).toMatchObject({ kind: 'paused', cause: 'config' });
    expect(JSON.stringify(delivery)).not.toContain('127.0.0.1');
  });

  it('is paused when the name of its receiver leads to a private address later on', async () => {
    const answers = ['127.0.0.1', '127.0.0.2'];
    const guard = new EgressGuard({ allow: [{ cidr: '127.0.0.1/32' }], ports: [] }, () => Promise.resolve([answers.length > 1 ? (answers.shift() ?? '') : (answers[0] ?? '')]));
    const { type, dialect, configuration } = fakedWebhook();
    const receiver = await FakeReceiver.start(dialect);
    const given = configuration(receiver.origin.replace('127.0.0.1', 'receiver.test'));
    const sink = type.open(given, sinkTools({ network: guardedNetwork(guard, { organisationId: 'o', organisationSlug: 'o' }) }));
    opened.push(() => sink.close(), () => receiver.close());
    expect(await sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toEqual({ kind: 'delivered' });
    await receiver.away();
    await receiver.back();
    await expect.poll(() => sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toMatchObject({ kind: 'paused', cause: 'config', reason: expect.not.stringContaining('127.0.0') });
    expect(receiver.received).toHaveLength(1);
  });

  it('loses nothing of what a receiver said yes to, as far as anybody can tell, when the receiver loses it', async () => {
    const { delivery, receiver } = await delivering(fakedDatadog(), 'take_then_lose');
    expect([await delivery, await receiver.kept()]).toEqual([{ kind: 'delivered' }, []]);
  });

  it('sends gzip where the receiver takes it, and plain where it is told to', async () => {
    const packed = await delivering(fakedSplunk(), null);
    const plain = await delivering(fakedSplunk({ compression: 'none' }), null);
    await Promise.all([packed.delivery, plain.delivery]);
    expect([packed.receiver.received[0]?.compressed, plain.receiver.received[0]?.compressed]).toEqual([true, false]);
  });
});

describe('TLS of a sink over HTTP', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sinks-http-'));

  function certificate(days: string): { readonly cert: string; readonly key: string } {
    const [key, cert] = [join(folder, `${days}.key`), join(folder, `${days}.pem`)];
    execFileSync('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=receiver', '-keyout', key, '-out', join(folder, 'csr')], { stdio: 'pipe' });
    execFileSync('openssl', ['x509', '-req', '-in', join(folder, 'csr'), '-signkey', key, '-days', days, '-extfile', extension(), '-out', cert], { stdio: 'pipe' });
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  }

  function extension(): string {
    const file = join(folder, 'ext');
    execFileSync('sh', ['-c', `printf 'subjectAltName=IP:127.0.0.1\n' > ${file}`]);
    return file;
  }

  async function over(days: string): Promise<Delivery> {
    const { type, dialect, configuration } = fakedDatadog();
    const tls = certificate(days);
    const receiver = await FakeReceiver.start(dialect, tls);
    const given = configuration(receiver.origin);
    const sink = type.open({ ...given, settings: { ...given.settings, tls_ca: tls.cert } }, sinkTools());
    opened.push(() => sink.close(), () => receiver.close());
    return sink.deliver(aBatch(outgoingEvents(2)), NEVER);
  }

  it('delivers to a receiver whose authority was given, and waits for one whose certificate has expired', async () => {
    expect(await over('2')).toEqual({ kind: 'delivered' });
    expect(await over('-1')).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('expired') });
    rmSync(folder, { recursive: true, force: true });
  });
});
