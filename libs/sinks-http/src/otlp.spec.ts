import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Delivery } from '@sallyport/sinks';
import { aBatch, anOutgoingEvent, outgoingEvents } from '@sallyport/sinks/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { otlpGrpc } from './otlp-grpc.js';
import { fieldBytes, integerField, otlpJson, otlpProtobuf } from './otlp-request.js';
import { examined, fakedOtlp } from './testing/examined.js';
import { statusWithRetry } from './testing/status-with-retry.js';
import { FakeGrpcReceiver, type GrpcReply } from './testing/fake-grpc-receiver.js';
import type { FaultMode } from './testing/fake-receiver.js';
import { sinkTools } from './testing/sink-tools.js';

const NEVER = new AbortController().signal;

describe('an OTLP request', () => {
  const nested = (message: Uint8Array, ...path: readonly number[]): Uint8Array =>
    path.reduce((outer, field) => {
      const inner = fieldBytes(outer, field);
      if (inner === null || inner === 'absent') throw new Error(`no field ${field}`);
      return inner;
    }, message);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

  it('is in protobuf what it is in JSON, by the public field numbers', () => {
    const event = anOutgoingEvent(7, { fact: { severity: 4 } });
    const request = otlpProtobuf([event]);
    const record = nested(request, 1, 2, 2);
    expect(text(nested(record, 5, 1))).toBe(event.stored.line);
    expect(integerField(record, 2)).toBe(17);
    expect(text(nested(record, 12))).toBe('sallyport.call.decided');
    expect(text(nested(request, 1, 2, 1, 1))).toBe('sallyport.audit');
    expect(otlpJson([event])).toContain(JSON.stringify(event.stored.line));
  });

  it('keeps the order of events, also where gateways take turns', () => {
    const from = (seq: number, instance: string) => anOutgoingEvent(seq, { fact: { gateway: { instance_id: instance } } });
    const { resourceLogs } = JSON.parse(otlpJson([from(1, 'a'), from(2, 'a'), from(3, 'b'), from(4, 'a')])) as { resourceLogs: { scopeLogs: { logRecords: unknown[] }[] }[] };
    expect(resourceLogs.map(({ scopeLogs }) => scopeLogs[0]?.logRecords.length)).toEqual([2, 1, 1]);
  });
});

describe('OTLP over HTTP', () => {
  async function deliveryOf(wish: { readonly rejects?: number; readonly fault?: FaultMode }): Promise<Delivery> {
    const faked = fakedOtlp();
    const { type, configuration, tools, receiver } = await examined(faked);
    faked.dialect.rejects = wish.rejects ?? 0;
    receiver.behave(wish.fault ?? null);
    const sink = type.open(configuration, tools);
    const delivery = await sink.deliver(aBatch(outgoingEvents(10)), NEVER);
    expect(receiver.received).toHaveLength(1);
    await sink.close();
    await receiver.close();
    return delivery;
  }

  it('never sends a partial success again: what may have been refused becomes dead letters, without a word of the receiver', async () => {
    const delivery = await deliveryOf({ rejects: 3 });
    expect(delivery).toMatchObject({ kind: 'partly', again: [] });
    if (delivery.kind !== 'partly') return;
    expect(delivery.rejected.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(delivery.rejected[0]?.reason).toContain('refused 3 of the 10 records');
    expect(JSON.stringify(delivery)).not.toContain('SECRET');
  });

  it('sends again after 429, 502, 503 and 504, and after nothing else', async () => {
    for (const status of [429, 502, 503, 504]) expect(await deliveryOf({ fault: { status, retryAfter: '3' } })).toMatchObject({ kind: 'unavailable', retryAfterMs: 3_000 });
    for (const status of [408, 500, 501]) expect(await deliveryOf({ fault: { status } })).toMatchObject({ kind: 'partly', again: [] });
    expect(await deliveryOf({ fault: { status: 400 } })).toMatchObject({ kind: 'unfit' });
    expect(await deliveryOf({ fault: { status: 404 } })).toMatchObject({ kind: 'paused', cause: 'config' });
  });
});

describe('OTLP over gRPC', () => {
  let receiver: FakeGrpcReceiver;
  beforeEach(async () => {
    receiver = await FakeGrpcReceiver.start();
  });
  afterEach(async () => receiver.close());

  async function deliveryOf(reply: GrpcReply, signal: AbortSignal = NEVER): Promise<Delivery> {
    receiver.reply = reply;
    const configuration = { settings: { url: receiver.origin }, credentials: { authorization: 'Bearer t' }, format: 'otlp', formatVersion: null } as const;
    expect(otlpGrpc.check(configuration)).toMatchObject({ ok: true });
    const sink = otlpGrpc.open(configuration, sinkTools());
    const delivery = await sink.deliver(aBatch(outgoingEvents(4)), signal);
    await sink.close();
    return delivery;
  }

  it('calls Export with the request in protobuf, compressed, and the credential beside it', async () => {
    expect(await deliveryOf({ status: 0, message: new Uint8Array() })).toEqual({ kind: 'delivered' });
    const [call] = receiver.received;
    expect(call?.headers).toMatchObject({ ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'grpc-encoding': 'gzip', te: 'trailers', authorization: 'Bearer t' });
    expect(call?.message.equals(otlpProtobuf(outgoingEvents(4)))).toBe(true);
  });

  it('goes by the status: again, halved, paused, or a dead letter', async () => {
    for (const status of [1, 4, 10, 11, 14, 15]) expect(await deliveryOf({ status })).toMatchObject({ kind: 'unavailable' });
    for (const status of [3, 8]) expect(await deliveryOf({ status })).toMatchObject({ kind: 'unfit' });
    for (const status of [7, 16]) expect(await deliveryOf({ status })).toMatchObject({ kind: 'paused', cause: 'auth' });
    for (const status of [2, 5, 6, 9, 13]) expect(await deliveryOf({ status })).toMatchObject({ kind: 'partly', again: [] });
    expect(await deliveryOf({ status: 12 })).toMatchObject({ kind: 'paused', cause: 'config' });
    expect(await deliveryOf({ http: 503 })).toMatchObject({ kind: 'unavailable' });
    expect(await deliveryOf({ http: 401 })).toMatchObject({ kind: 'paused', cause: 'auth' });
  });

  it('waits as long as RetryInfo says', async () => {
    for (const status of [14, 8]) expect(await deliveryOf({ status, details: statusWithRetry(2, 500_000_000) })).toMatchObject({ kind: 'unavailable', retryAfterMs: 2_500 });
  });

  it('keeps what a partial success refused as dead letters', async () => {
    const partial = new BinaryWriter().tag(1, WireType.Varint).int64(2).finish();
    const message = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(partial).finish();
    expect(await deliveryOf({ status: 0, message })).toMatchObject({ kind: 'partly', again: [], rejected: { length: 4 } });
  });

  it('ends soon when it is stopped before a receiver that hangs, and reads no endless answer', async () => {
    const stop = new AbortController();
    const called = receiver.called();
    const hung = deliveryOf('hang', stop.signal);
    await called;
    stop.abort();
    expect(await hung).toMatchObject({ kind: 'unavailable' });
    expect(await deliveryOf('bomb')).toMatchObject({ kind: 'unavailable' });
  });

  it('is unavailable while nobody listens', async () => {
    const sink = otlpGrpc.open({ settings: { url: receiver.origin }, credentials: {}, format: 'otlp', formatVersion: null }, sinkTools());
    const another = await FakeGrpcReceiver.start();
    await another.close();
    expect(await sink.deliver(aBatch(outgoingEvents(1)), AbortSignal.abort())).toMatchObject({ kind: 'unavailable' });
    await sink.close();
  });
});
