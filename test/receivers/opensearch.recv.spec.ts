import { opensearch as opensearchType } from '@sallyport/sinks-http';
import { sinkTools } from '@sallyport/sinks-http/testing';
import type { ExportFormat, Sink } from '@sallyport/sinks';
import { aBatch, outgoingEvents } from '@sallyport/sinks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startOpensearch, type RunningOpensearch } from './opensearch.js';

const NEVER = new AbortController().signal;

describe('a real OpenSearch', () => {
  let node: RunningOpensearch;
  beforeAll(async () => {
    node = await startOpensearch();
    const template = { index_patterns: ['audit-stream*'], data_stream: {}, priority: 200 };
    expect((await node.ask('PUT', '/_index_template/audit', template)).status).toBe(200);
  });
  afterAll(async () => node?.stop());

  async function into(index: string, format: ExportFormat, use: (sink: Sink) => Promise<void>): Promise<void> {
    const configuration = { settings: { url: node.origin, index }, credentials: {}, format, formatVersion: null };
    expect(opensearchType.check(configuration)).toEqual({ ok: true, value: undefined });
    const sink = opensearchType.open(configuration, sinkTools());
    await use(sink);
    await sink.close();
  }

  async function found(index: string): Promise<readonly { readonly _id: string; readonly _source: Readonly<Record<string, unknown>> }[]> {
    await node.ask('POST', `/${index}/_refresh`);
    const { json } = await node.ask('GET', `/${index}/_search?size=1000&sort=_id`);
    return (json['hits'] as { hits: { _id: string; _source: Readonly<Record<string, unknown>> }[] }).hits;
  }

  it.each(opensearchType.formats)('holds every event once in a data stream, as %s, also when the batch comes twice', async (format) => {
    const index = `audit-stream-${format}`;
    const events = outgoingEvents(500);
    await into(index, format, async (sink) => {
      expect(await sink.deliver(aBatch(events), NEVER)).toEqual({ kind: 'delivered' });
      expect(await sink.deliver(aBatch([...events.slice(250), ...outgoingEvents(10, 501)]), NEVER)).toEqual({ kind: 'delivered' });
    });
    const hits = await found(index);
    expect(hits.map(({ _id }) => _id)).toEqual(outgoingEvents(510).map(({ stored }) => stored.eventId));
    for (const { _source } of hits.slice(0, 3)) expect(_source['@timestamp']).toBeDefined();
  });

  it('writes to a plain index as well', async () => {
    await into('audit-plain', 'ecs', async (sink) => {
      expect(await sink.deliver(aBatch(outgoingEvents(20)), NEVER)).toEqual({ kind: 'delivered' });
      expect(await sink.deliver(aBatch(outgoingEvents(20)), NEVER)).toEqual({ kind: 'delivered' });
    });
    expect(await found('audit-plain')).toHaveLength(20);
  });

  it('refuses single events that its mapping does not take, by name, and keeps the others', async () => {
    await node.ask('PUT', '/audit-strict', { mappings: { dynamic: false, properties: { ext: { type: 'object', properties: { padding: { type: 'long' } } } } } });
    await into('audit-strict', 'native', async (sink) => {
      const delivery = await sink.deliver(aBatch([...outgoingEvents(2), ...outgoingEvents(1, 3, { padding: 8 }), ...outgoingEvents(1, 4)]), NEVER);
      expect(delivery).toMatchObject({ kind: 'partly', again: [], rejected: [{ index: 2, reason: expect.stringContaining('ext.padding') }] });
      expect(JSON.stringify(delivery)).not.toContain('xxxxxxxx');
    });
    expect(await found('audit-strict')).toHaveLength(3);
  });

  it('has a person asked when there is no such index and none may be made', async () => {
    await node.ask('PUT', '/_cluster/settings', { transient: { 'action.auto_create_index': 'false' } });
    await into('audit-nowhere', 'ecs', async (sink) => {
      expect(await sink.deliver(aBatch(outgoingEvents(1)), NEVER)).toMatchObject({ kind: 'paused', cause: 'config' });
    });
    await node.ask('PUT', '/_cluster/settings', { transient: { 'action.auto_create_index': null } });
  });
});
