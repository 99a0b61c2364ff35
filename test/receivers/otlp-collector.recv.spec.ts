import { otlpGrpc, otlpHttp } from '@sallyport/sinks-http';
import { sinkTools } from '@sallyport/sinks-http/testing';
import type { SinkConfiguration, SinkType } from '@sallyport/sinks';
import { aBatch, anOutgoingEvent, outgoingEvents } from '@sallyport/sinks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCollector, type CollectedRecord, type RunningCollector } from './collector.js';

const NEVER = new AbortController().signal;
const TRACE = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' };

interface Way {
  readonly name: string;
  readonly type: SinkType;
  configuration(collector: RunningCollector): SinkConfiguration;
}

const WAYS: readonly Way[] = [
  { name: 'protobuf over HTTP, compressed', type: otlpHttp, configuration: ({ http }) => configured({ url: http }) },
  { name: 'JSON over HTTP', type: otlpHttp, configuration: ({ http }) => configured({ url: http, encoding: 'json', compression: 'none' }) },
  { name: 'gRPC, compressed', type: otlpGrpc, configuration: ({ grpc }) => configured({ url: grpc }) },
  { name: 'gRPC', type: otlpGrpc, configuration: ({ grpc }) => configured({ url: grpc, compression: 'none' }) },
];

describe('a real OpenTelemetry collector', () => {
  let collector: RunningCollector;
  beforeAll(async () => {
    collector = await startCollector();
  });
  afterAll(async () => collector?.stop());

  it.each(WAYS)('understands every record by $name: bytes, order, time, trace and attributes', async ({ type, configuration }) => {
    const events = [...outgoingEvents(200), anOutgoingEvent(201, { fact: { trace: TRACE, severity: 5 } })];
    const before = collector.records().length;
    const sink = type.open(configuration(collector), sinkTools());
    expect(await sink.deliver(aBatch(events), NEVER)).toEqual({ kind: 'delivered' });
    await sink.close();
    const records = collector.records().slice(before);
    expect(records.map((record) => record.body.stringValue)).toEqual(events.map(({ stored }) => stored.line));
    expect(records.map((record) => attribute(record, 'sallyport.event_id'))).toEqual(events.map(({ stored }) => stored.eventId));
    expect(records.at(-1)).toMatchObject({ traceId: TRACE.trace_id, spanId: TRACE.span_id, severityNumber: 21 });
    expect(records[0]?.timeUnixNano).toBe(`${Date.parse(events[0]?.event.time ?? '')}000000`);
  });

  it('takes batch after batch on one connection', async () => {
    const sink = otlpGrpc.open(configured({ url: collector.grpc }), sinkTools());
    for (let at = 0; at < 5; at += 1) expect(await sink.deliver(aBatch(outgoingEvents(10, 1 + 10 * at)), NEVER)).toEqual({ kind: 'delivered' });
    await sink.close();
  });

  it('says that there is no such service, for which a person is asked', async () => {
    const sink = otlpHttp.open(configured({ url: `${collector.http}/elsewhere` }), sinkTools());
    expect(await sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toMatchObject({ kind: 'paused', cause: 'config' });
    await sink.close();
  });
});

function configured(settings: SinkConfiguration['settings']): SinkConfiguration {
  return { settings, credentials: {}, format: 'otlp', formatVersion: null };
}

function attribute(record: CollectedRecord, key: string): string | undefined {
  return record.attributes.find((one) => one.key === key)?.value.stringValue;
}
