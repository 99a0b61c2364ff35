import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { FORMATS } from '@sallyport/audit-formats';
import type { Delivery, GuardedNetwork, OutgoingBatch, SinkConfiguration } from '@sallyport/sinks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EVENT_COLUMNS } from '../parquet/event-columns.js';
import { anOutgoingBatch } from '../testing/an-outgoing-batch.js';
import { S3_ACCOUNT, startS3Store, type S3Store } from '../testing/s3-store.js';
import { signatureOf } from '../testing/signature-of.js';
import { LoopbackNetwork, sinkTools } from '../testing/sink-tools.js';
import { s3SinkType } from './s3-sink-type.js';

const NEVER = new AbortController().signal;
let store: S3Store;
let folder = '';
beforeAll(async () => {
  store = await startS3Store();
  folder = mkdtempSync(join(tmpdir(), 'sallyport-duckdb-'));
});
afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

function configured(prefix: string, over: Partial<SinkConfiguration> = {}, settings: Record<string, string | number> = {}): SinkConfiguration {
  return { settings: { bucket: store.bucket, endpoint: store.endpoint, style: 'path', prefix, ...settings }, credentials: S3_ACCOUNT, format: 'native', formatVersion: null, ...over };
}

async function deliver(configuration: SinkConfiguration, batch: OutgoingBatch, network = new LoopbackNetwork(), signal = NEVER): Promise<Delivery> {
  expect(s3SinkType.check(configuration)).toEqual({ ok: true, value: undefined });
  const sink = s3SinkType.open(configuration, sinkTools(network));
  const delivery = await sink.deliver(batch, signal);
  await sink.close();
  return delivery;
}

async function keysUnder(prefix: string): Promise<readonly string[]> {
  return (await store.keys()).filter((key) => key.startsWith(`${prefix}/`));
}

async function asked(question: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const duck = await DuckDBInstance.create();
  const connection: DuckDBConnection = await duck.connect();
  const answer = await connection.runAndReadAll(question);
  connection.closeSync();
  return answer.getRowObjectsJson();
}

async function saved(key: string): Promise<string> {
  const path = join(folder, key.replaceAll('/', '_'));
  writeFileSync(path, await store.read(key));
  return path;
}

describe('an S3 sink', () => {
  it('stores a batch as one compressed object under its hour, with a manifest that describes it', async () => {
    const batch = { ...anOutgoingBatch(120), checkpoint: 'sallyport/d/o\n120\nroot\n\n— key sig\n' };
    expect(await deliver(configured('plain'), batch)).toEqual({ kind: 'delivered' });
    const [object = '', manifest = ''] = await keysUnder('plain');
    expect(object).toMatch(/^plain\/0199c2a0-7b00-7000-8000-0000000000a1\/dt=2025-11-21\/hour=09\/0000000000000001-0000000000000120-[0-9a-f]{16}\.ndjson\.gz$/);
    expect(gunzipSync(await store.read(object)).toString()).toBe(batch.events.map(({ stored }) => `${stored.line}\n`).join(''));
    expect(JSON.parse((await store.read(manifest)).toString())).toMatchObject({
      ...{ schema: 'sallyport.export-manifest/1', object, events: 120, first_seq: 1, last_seq: 120, checkpoint: batch.checkpoint },
      ...{ first_prev_hash: batch.events[0]?.event.integrity.prev_hash, last_hash: batch.events[119]?.stored.hash },
    });
  });

  it.each(['ocsf', 'ecs'] as const)('stores events as %s, from which each can be read back, under a key of that form and version', async (format) => {
    const batch = anOutgoingBatch(30, (seq) => ({ actor: { kind: 'agent', name: `a\r\n|=]" 𝄞 ${seq}` } }));
    const newest = FORMATS[format].versions[0] ?? '';
    for (const formatVersion of [null, newest]) expect(await deliver(configured(`as-${format}`, { format, formatVersion }), batch)).toEqual({ kind: 'delivered' });
    const [object = '', manifest = '', ...more] = await keysUnder(`as-${format}`);
    expect(more).toEqual([]);
    const lines = gunzipSync(await store.read(object)).toString().trimEnd().split('\n');
    expect(lines.map((line) => FORMATS[format].decode(line))).toEqual(batch.events.map(({ event }) => ({ ok: true, value: { kind: 'whole', event } })));
    expect(JSON.parse((await store.read(manifest)).toString())).toMatchObject({ format, format_version: newest, content_sha256: createHash('sha256').update(batch.events.map(({ stored }) => `${stored.line}\n`).join('')).digest('hex') });
    expect(await asked(`SELECT count(*)::INTEGER AS n FROM read_ndjson('${await saved(object)}')`)).toEqual([{ n: 30 }]);
  });

  it('gives every form and version a key of its own, and measures events as they are written', async () => {
    const batch = anOutgoingBatch(2);
    const forms = [...FORMATS.ocsf.versions.map((formatVersion) => ({ format: 'ocsf' as const, formatVersion })), { format: 'ecs' as const, formatVersion: null }, { format: 'native' as const, formatVersion: null }];
    for (const form of forms) await deliver(configured('forms', form), batch);
    expect((await keysUnder('forms')).filter((key) => key.endsWith('.gz'))).toHaveLength(forms.length);
    const sink = s3SinkType.open(configured('forms', { format: 'ocsf' }), sinkTools(new LoopbackNetwork()));
    const [first] = batch.events;
    if (first !== undefined) expect(sink.size?.(first)).toBe(Buffer.byteLength(FORMATS.ocsf.render(first.event, first.stored)) + 1);
    await sink.close();
  });

  it.each(['native', 'parquet'] as const)('makes of the same batch the same object, byte for byte (%s)', async (format) => {
    const prefix = `same-${format}`;
    const batch = anOutgoingBatch(50);
    expect(await deliver(configured(prefix, { format }), batch)).toEqual({ kind: 'delivered' });
    const first = await Promise.all((await keysUnder(prefix)).map((key) => store.read(key)));
    expect(await deliver(configured(prefix, { format }), batch)).toEqual({ kind: 'delivered' });
    const second = await Promise.all((await keysUnder(prefix)).map((key) => store.read(key)));
    expect(second).toEqual(first);
    expect(second).toHaveLength(2);
  });

  it('lays each event into the hour in which it was taken', async () => {
    const batch = anOutgoingBatch(6);
    const events = batch.events.map((one, index) => ({ ...one, event: { ...one.event, observed_time: index < 4 ? '2026-11-21T09:59:59.999999Z' : '2026-11-21T10:00:00.000000Z' } }));
    expect(await deliver(configured('hours'), { ...batch, events })).toEqual({ kind: 'delivered' });
    const [early = '', late = ''] = (await keysUnder('hours')).filter((key) => key.endsWith('.gz'));
    expect(early).toMatch(/dt=2026-11-21\/hour=09\/0000000000000001-0000000000000004-/);
    expect(late).toMatch(/dt=2026-11-21\/hour=10\/0000000000000005-0000000000000006-/);
  });

  it('can be read by DuckDB, every column as the event has it', async () => {
    const batch = anOutgoingBatch(40, (seq) => ({ ...(seq % 2 === 0 ? { outcome: 'denied' } : {}), actor: { kind: 'agent', name: `a\r\n|=]" 𝄞 ${seq}` }, severity: 3 }));
    await deliver(configured('read'), batch);
    await deliver(configured('read', { format: 'parquet' }), batch);
    const keys = await keysUnder('read');
    const parquet = await saved(keys.find((key) => key.endsWith('.parquet')) ?? '');
    const ndjson = await saved(keys.find((key) => key.endsWith('.ndjson.gz')) ?? '');
    const rows = await asked(`SELECT *, epoch_us("time") AS time_us FROM read_parquet('${parquet}') ORDER BY seq`);
    expect(rows).toHaveLength(40);
    for (const [index, outgoing] of batch.events.entries()) {
      const row = rows[index] ?? {};
      for (const column of EVENT_COLUMNS) if (column.kind === 'text') expect([column.name, row[column.name]]).toEqual([column.name, column.of(outgoing.event, outgoing) ?? null]);
      for (const column of EVENT_COLUMNS) if (column.kind === 'integer') expect([column.name, Number(row[column.name] ?? -1)]).toEqual([column.name, column.of(outgoing.event) ?? -1]);
      expect(row['time_us']).toBe(String(BigInt(Date.parse(outgoing.event.time)) * 1_000n));
    }
    const lines = await asked(`SELECT seq, event_id, actor.name AS name, integrity.hash AS hash FROM read_ndjson('${ndjson}') ORDER BY seq`);
    expect(lines.map(({ event_id, name, hash }) => [event_id, name, hash])).toEqual(batch.events.map(({ event, stored }) => [event.event_id, event.actor?.name, stored.hash]));
  });

  it('shows that a bucket is the organisation’s by writing a token and reading it back', async () => {
    const sink = s3SinkType.open(configured('proof'), sinkTools(new LoopbackNetwork()));
    expect(await sink.prove?.('a-token', NEVER)).toEqual({ ok: true, value: undefined });
    await sink.close();
    expect((await store.read('proof/0199c2a0-7b00-7000-8000-0000000000a1/ownership.txt')).toString()).toBe('a-token');
  });

  it('finds a bucket by host as well as by path', async () => {
    const configuration = configured('by-host', {}, { style: 'virtual', endpoint: `http://s3.localhost:${store.port}` });
    const network = new LoopbackNetwork();
    expect(await deliver(configuration, anOutgoingBatch(2), network)).toEqual({ kind: 'delivered' });
    expect(network.targets[0]).toMatchObject({ host: 'audit.s3.localhost', port: store.port });
    expect(await keysUnder('by-host')).toHaveLength(2);
  });

  it('is paused by a key that is not known and by a bucket that does not exist', async () => {
    const wrong = { access_key_id: 'NOBODY', secret_access_key: 'wrong-secret' };
    expect(await deliver(configured('wrong', { credentials: wrong }), anOutgoingBatch(1))).toMatchObject({ kind: 'paused', cause: 'auth', reason: 'the object store answered 403 InvalidAccessKeyId' });
    expect(await deliver(configured('none', {}, { bucket: 'no-such-bucket' }), anOutgoingBatch(1))).toMatchObject({ kind: 'paused', cause: 'config', reason: 'the object store answered 404 NoSuchBucket' });
  });
});

/** A contract fake of an object store: what it answers is said by a test. */
async function answering(meet: (request: IncomingMessage, response: ServerResponse) => void, act: (endpoint: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => meet(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The documentation's own example of a signed PUT. */
const AWS_EXAMPLE = '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd';
const error = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>10.0.0.1 secret</Message></Error>`;

describe('what an object store answers', () => {
  it.each([
    [503, error('SlowDown'), { 'retry-after': '7' }, { kind: 'unavailable', reason: 'the object store answered 503 SlowDown', retryAfterMs: 7_000 }],
    [500, '', {}, { kind: 'unavailable', reason: 'the object store answered 500' }],
    [403, error('RequestTimeTooSkewed'), {}, { kind: 'unavailable' }],
    [403, error('AccessDenied'), {}, { kind: 'paused', cause: 'auth' }],
    [400, error('ExpiredToken'), {}, { kind: 'paused', cause: 'auth' }],
    [301, error('PermanentRedirect'), { location: 'http://169.254.169.254/' }, { kind: 'paused', cause: 'config' }],
    [400, error('EntityTooLarge'), {}, { kind: 'unfit' }],
    [400, error('InvalidRequest'), {}, { kind: 'paused', cause: 'config' }],
  ] as const)('comes to what helps: %s %s', (status, body, headers, wanted) =>
    answering(
      (_request, response) => response.writeHead(status, headers).end(body),
      async (endpoint) => {
        const network = new LoopbackNetwork();
        const delivery = await deliver(configured('any', {}, { endpoint }), anOutgoingBatch(1), network);
        expect(delivery).toMatchObject(wanted);
        expect(JSON.stringify(delivery)).not.toMatch(/10\.0\.0\.1|secret|169\.254/);
        expect(network.targets).toHaveLength(1);
      },
    ),
  );

  it('is not waited for beyond the time there is, nor read beyond what an answer needs', () =>
    answering(
      (_request, response) => {
        const flood = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          response.once('drain', flood);
        };
        response.writeHead(400);
        flood();
      },
      async (endpoint) => {
        expect(await deliver(configured('any', {}, { endpoint }), anOutgoingBatch(1))).toMatchObject({ kind: 'paused', cause: 'config' });
      },
    ));

  it('ends soon when it hangs and is aborted', async () => {
    const time = new AbortController();
    await answering(
      () => time.abort(),
      async (endpoint) => {
        expect(await deliver(configured('any', {}, { endpoint }), anOutgoingBatch(1), new LoopbackNetwork(), time.signal)).toEqual({ kind: 'unavailable', reason: 'there was no time left' });
      },
    );
  });

  it.each(['without an answer’s end', 'drop by drop'])('ends soon when an answer comes %s and it is aborted', async (how) => {
    const time = new AbortController();
    let dripping: NodeJS.Timeout | undefined;
    await answering(
      (_request, response) => {
        response.writeHead(400).write('<Error>');
        if (how === 'drop by drop') dripping = setInterval(() => response.write('x'), 5);
        setImmediate(() => time.abort());
      },
      async (endpoint) => {
        expect(await deliver(configured('any', {}, { endpoint }), anOutgoingBatch(1), new LoopbackNetwork(), time.signal)).toEqual({ kind: 'unavailable', reason: 'there was no time left' });
      },
    );
    clearInterval(dripping);
  });

  it('ends soon when no connection comes about and it is aborted, and keeps none that comes about later', async () => {
    const network = new LoopbackNetwork();
    let connect = (): void => undefined;
    let asked = (): void => undefined;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const late: GuardedNetwork = {
      connect: async (target) => {
        asked();
        await new Promise<void>((resolve) => (connect = resolve));
        return network.connect(target);
      },
    };
    const time = new AbortController();
    const closed = new Promise<void>((resolve) => {
      const server = createServer().on('connection', (socket) => socket.once('close', () => (server.close(), resolve())));
      server.listen(0, '127.0.0.1', () => {
        const sink = s3SinkType.open(configured('any', {}, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }), sinkTools(late));
        void reached.then(() => time.abort());
        void sink.deliver(anOutgoingBatch(1), time.signal).then(async (delivery) => {
          expect(delivery).toEqual({ kind: 'unavailable', reason: 'there was no time left' });
          await sink.close();
          connect();
        });
      });
    });
    await closed;
  });

  it('is asked with a signature that its steps give too, over everything that matters', async () => {
    const example = {
      method: 'PUT',
      path: '/test%24file.text',
      headers: {
        ...{ date: 'Fri, 24 May 2013 00:00:00 GMT', host: 'examplebucket.s3.amazonaws.com', 'x-amz-date': '20130524T000000Z', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
        'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
        authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=${AWS_EXAMPLE}`,
      },
    };
    expect(signatureOf(example, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toEqual({ wanted: AWS_EXAMPLE, given: AWS_EXAMPLE });
    await answering(
      (request, response) => {
        const { wanted, given } = signatureOf({ method: request.method ?? '', path: request.url ?? '', headers: request.headers }, S3_ACCOUNT.secret_access_key);
        response.writeHead(wanted === given ? 200 : 403).end(wanted === given ? '' : error('SignatureDoesNotMatch'));
      },
      async (endpoint) => {
        expect(await deliver(configured('a=b/c.d', {}, { endpoint }), anOutgoingBatch(1))).toEqual({ kind: 'delivered' });
        const wrong = { ...S3_ACCOUNT, secret_access_key: 'another' };
        expect(await deliver(configured('any', { credentials: wrong }, { endpoint }), anOutgoingBatch(1))).toMatchObject({ kind: 'paused', cause: 'auth' });
      },
    );
  });

  it('is told with a checksum, and with a lock where one is wished for', async () => {
    const seen: IncomingMessage['headers'][] = [];
    await answering(
      (request, response) => {
        seen.push(request.headers);
        response.end();
      },
      async (endpoint) => {
        expect(await deliver(configured('any', {}, { endpoint, object_lock_mode: 'COMPLIANCE', object_lock_days: 30 }), anOutgoingBatch(1))).toEqual({ kind: 'delivered' });
      },
    );
    expect(seen[0]).toMatchObject({ 'x-amz-checksum-sha256': expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/), 'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-retain-until-date': expect.stringMatching(/^20/) });
    expect(seen[0]?.authorization).toContain('x-amz-checksum-sha256');
  });
});

describe('the settings of an S3 sink', () => {
  it('are refused with every problem at once', () => {
    const settings = { bucket: 'Not A Bucket', endpoint: 'https://user:pw@s3.example/path', prefix: '../up', object_lock_days: 0 };
    const checked = s3SinkType.check({ settings, credentials: { access_key_id: 'a' }, format: 'cef', formatVersion: null });
    expect(checked.ok ? [] : checked.refusal.map(({ pointer }) => pointer)).toEqual(['/settings/bucket', '/settings/endpoint', '/settings/object_lock_days', '/credentials/secret_access_key', '/format']);
  });

  it.each([
    ['ocsf', '0.1'],
    ['parquet', '1'],
  ] as const)('name no version that %s does not have', (format, formatVersion) => {
    const checked = s3SinkType.check({ settings: { bucket: 'audit' }, credentials: S3_ACCOUNT, format, formatVersion });
    expect(checked.ok ? [] : checked.refusal.map(({ pointer }) => pointer)).toEqual(['/formatVersion']);
  });
});
