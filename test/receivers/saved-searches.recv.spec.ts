import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { renderEcs } from '@sallyport/audit-formats';
import { microTime, type AuditEvent, type AuditFact } from '@sallyport/audit-event';
import { aChain, aFact, AN_ORGANISATION, arbitraryStoredEvent, eventIdOf } from '@sallyport/audit-event/testing';
import type { OutgoingEvent } from '@sallyport/sinks';
import { opensearch as opensearchType } from '@sallyport/sinks-http';
import { sinkTools } from '@sallyport/sinks-http/testing';
import { aBatch } from '@sallyport/sinks/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startOpensearch, type RunningOpensearch } from './opensearch.js';

const FOLDER = fileURLToPath(new URL('../../deploy/siem/elastic/', import.meta.url));
const INDEX = 'logs-sallyport.audit-default';
const GENERATED = 400;
const fileOf = (name: string): object => JSON.parse(readFileSync(`${FOLDER}${name}`, 'utf8')) as object;

interface Bucket {
  readonly key: string | number | readonly string[];
  readonly doc_count: number;
  readonly [agg: string]: unknown;
}
interface Found {
  readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly { readonly _source: Readonly<Record<string, unknown>> }[] };
  readonly aggregations: Readonly<Record<string, { readonly buckets: readonly Bucket[] }>>;
}
const bucketsOf = (bucket: Bucket | undefined, agg: string): readonly Bucket[] => (bucket?.[agg] as { buckets: readonly Bucket[] } | undefined)?.buckets ?? [];
const keysOf = (buckets: readonly Bucket[]): readonly unknown[] => buckets.map(({ key, doc_count: count }) => [key, count]);

/** A chain of 1,300 events, calls with what else happens, of which 40 in the second thousand never arrived. */
function storedStream(nowMs: number): readonly OutgoingEvent[] {
  const denied = { decision: { decision_id: eventIdOf(10), effect: 'deny', reason_code: 'rule_denied', rule_ids: ['/tools/stop_timer'], grant_id: 'g-1' }, outcome: 'denied' } as const;
  const changed = { actor: { kind: 'member', name: 'Ada', identity_id: 'm-1' }, admin: { action: 'revoked', object_type: 'grant', object_id: 'g-1', before_hash: 'a'.repeat(64), patch: [{ op: 'replace', path: '/revoked', value: true }] } } as const;
  const refused = { actor: { kind: 'unknown' }, source: { ip: '192.0.2.7' }, reason: 'unknown_token', counted: { count: 30, first: '2026-11-21T10:00:00.000000Z', last: '2026-11-21T10:01:00.000000Z' } } as const;
  const gap = { export: { sink_id: 's-1', sink_name: 'siem', sink_type: 'webhook', from_seq: 5, to_seq: 9, count: 5, reason: 'retention' } } as const;
  const others = new Map<number, Omit<AuditFact, 'event_id' | 'organisation_id' | 'time' | 'severity'>>([
    [20, { type: 'admin.grant.revoked', outcome: 'success', ...changed }],
    [30, { type: 'auth.failure', outcome: 'failure', ...refused }],
    [40, { type: 'export.gap', ...gap }],
    [41, { type: 'audit.degraded', reason: 'journal_near_full' }],
  ]);
  const factAt = (seq: number): AuditFact => {
    const time = microTime(nowMs - 60_000 + seq);
    const other = others.get(seq);
    if (other !== undefined) return { event_id: eventIdOf(seq), organisation_id: AN_ORGANISATION, severity: 1, time, ...other };
    return aFact({ time, outcome: 'allowed', ...(seq === 10 || seq === 11 ? denied : {}) }, seq);
  };
  const chain = aChain(1_300, { factAt }).map((stored) => ({ stored, event: JSON.parse(stored.line) as AuditEvent }));
  return chain.filter(({ stored: { seq } }) => seq <= 1_100 || seq > 1_140);
}

describe('a real OpenSearch with the index template', () => {
  let node: RunningOpensearch;
  let stream: readonly OutgoingEvent[] = [];
  beforeAll(async () => {
    node = await startOpensearch();
    expect(await node.ask('PUT', '/_ingest/pipeline/sallyport-audit', fileOf('ingest-pipeline.json'))).toMatchObject({ status: 200 });
    expect(await node.ask('PUT', '/_index_template/sallyport-audit', fileOf('index-template.json'))).toMatchObject({ status: 200 });
    const configuration = { settings: { url: node.origin, index: INDEX }, credentials: {}, format: 'ecs', formatVersion: null } as const;
    const sink = opensearchType.open(configuration, sinkTools());
    stream = storedStream(Date.now());
    for (let from = 0; from < stream.length; from += 500) expect(await sink.deliver(aBatch(stream.slice(from, from + 500)), new AbortController().signal)).toEqual({ kind: 'delivered' });
    await sink.close();
    await node.ask('POST', `/${INDEX}/_refresh`);
  });
  afterAll(async () => node?.stop());

  async function run(name: string): Promise<Found> {
    const { index, body } = fileOf(`searches/${name}.json`) as { index: string; body: object };
    const { status, json } = await node.ask('POST', `/${index}/_search`, body);
    expect(status, JSON.stringify(json)).toBe(200);
    return json as unknown as Found;
  }

  it('finds who was denied, and why', async () => {
    const { hits, aggregations } = await run('denied-calls');
    expect(hits.hits.map(({ _source }) => _source['event'])).toEqual([{ action: 'call.decided', sequence: 11, reason: 'rule_denied' }, { action: 'call.decided', sequence: 10, reason: 'rule_denied' }]);
    const [who] = aggregations['who']?.buckets ?? [];
    const [why] = bucketsOf(who, 'why');
    expect([who?.key, why?.key, ...keysOf(bucketsOf(why, 'rule'))]).toEqual(['billing-bot', 'rule_denied', ['/tools/stop_timer', 2]]);
  });

  it('finds who changed which grant, and what', async () => {
    const { hits, aggregations } = await run('grant-changes');
    expect(hits.hits).toHaveLength(1);
    expect(hits.hits[0]?._source).toMatchObject({ user: { name: 'Ada' }, event: { action: 'admin.grant.revoked' }, sallyport: { admin: { object_id: 'g-1', patch: '[{"op":"replace","path":"/revoked","value":true}]' } } });
    const [who] = aggregations['who']?.buckets ?? [];
    expect([who?.key, ...keysOf(bucketsOf(bucketsOf(who, 'what')[0], 'grant'))]).toEqual(['Ada', ['g-1', 1]]);
  });

  it('counts calls by identity and tool', async () => {
    const [identity] = (await run('calls-by-identity-and-tool')).aggregations['identity']?.buckets ?? [];
    const [tool] = bucketsOf(identity, 'tool');
    expect([identity?.key, tool?.key, ...keysOf(bucketsOf(tool, 'effect'))]).toEqual(['billing-bot', ['time-tracker', 'stop_timer'], ['allow', 1_254], ['deny', 2]]);
  });

  it('finds the numbers that are missing, and whereabouts', async () => {
    const streams = (await run('gaps-in-seq')).aggregations['stream']?.buckets ?? [];
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({ first: { value: 1 }, last: { value: 1_300 }, missing: { value: 40 } });
    expect(keysOf(bucketsOf(streams[0], 'thousands'))).toEqual([[0, 999], [1_000, 261]]);
  });

  it('finds trouble of sinks, and of the audit itself', async () => {
    const sinks = (await run('sink-trouble')).aggregations['sink']?.buckets ?? [];
    expect(sinks.map((sink) => [sink.key, keysOf(bucketsOf(sink, 'what'))])).toEqual(expect.arrayContaining([['siem', [['export.gap', 1]]], ['(the audit itself)', [['audit.degraded', 1]]]]));
    expect(bucketsOf(sinks.find(({ key }) => key === 'siem'), 'what')[0]).toMatchObject({ events: { value: 5 } });
  });

  it('finds failed sign-ins by source, with every attempt counted', async () => {
    const [source] = (await run('failed-sign-ins')).aggregations['source']?.buckets ?? [];
    expect(source).toMatchObject({ key: '192.0.2.7', attempts: { value: 30 } });
    expect(keysOf(bucketsOf(source, 'why'))).toEqual([['unknown_token', 1]]);
  });

  it('has a search in every file tried here', () => {
    expect(readdirSync(`${FOLDER}searches`).sort()).toEqual(['calls-by-identity-and-tool', 'denied-calls', 'failed-sign-ins', 'gaps-in-seq', 'grant-changes', 'sink-trouble'].map((name) => `${name}.json`));
  });

  it('takes any event that there can be, and notes when', async () => {
    const generated = fc.sample(arbitraryStoredEvent(), { numRuns: GENERATED, seed: 20_261_121 });
    const lines = generated.flatMap(({ event, stored }, n) => [JSON.stringify({ create: { _id: `generated-${n}` } }), JSON.stringify(renderEcs(event, stored))]);
    const answer = await fetch(`${node.origin}/logs-sallyport.audit-generated/_bulk?refresh=true`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: `${lines.join('\n')}\n` });
    const { items } = (await answer.json()) as { items: readonly { create: { status: number; error?: object } }[] };
    expect(items.filter(({ create }) => create.status !== 201).map(({ create }) => create.error)).toEqual([]);
    const { json } = await node.ask('GET', '/logs-sallyport.audit-generated/_search?q=_exists_:event.ingested&size=0&track_total_hits=true');
    expect(json).toMatchObject({ hits: { total: { value: generated.length } } });
  });

  it('keeps the canonical text of an event as it is', async () => {
    const [first] = stream;
    const { json } = await node.ask('POST', `/${INDEX}/_search`, { size: 1, query: { term: { 'event.id': first?.stored.eventId } } });
    const [hit] = (json as unknown as Found).hits.hits;
    expect(hit?._source['event']).toMatchObject({ original: first?.stored.line });
  });
});
