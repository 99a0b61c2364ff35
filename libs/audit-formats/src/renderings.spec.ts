import { type AuditEvent, type AuditFact, FIELD_CATALOGUE, sealEvent } from '@sallyport/audit-event';
import { aFact, AN_ORGANISATION, nodeSha256 } from '@sallyport/audit-event/testing';
import { describe, expect, it } from 'vitest';

import { renderCef } from './cef.js';
import { renderEcs } from './ecs.js';
import { LEAVES } from './event-leaves.js';
import { unixNanoOf } from './event-words.js';
import { DROPPED_FIRST, KEPT } from './fit-leaves.js';
import { renderLeef } from './leef.js';
import { renderOtlp } from './otlp.js';
import { renderSyslog } from './syslog.js';

const place = { stream: AN_ORGANISATION, seq: 9, observedTime: '2026-11-21T09:00:00.000500Z', prevHash: '00'.repeat(32), keyEpoch: 1 };

function sealed(over: Partial<AuditFact> = {}) {
  const stored = sealEvent(aFact(over), place, nodeSha256);
  return { stored, event: JSON.parse(stored.line) as AuditEvent };
}

describe('the keys of leaves', () => {
  it('name each field of the catalogue that has a value of its own, once', () => {
    expect(new Set(LEAVES.map((leaf) => leaf.key)).size).toBe(LEAVES.length);
    expect(LEAVES.length).toBe(FIELD_CATALOGUE.filter((field) => field.type !== 'object' && !field.path.includes('[]')).length);
    for (const { key } of LEAVES) expect(key).toMatch(/^sallyport[A-Z][A-Za-z0-9]*$/);
  });

  it('know every leaf that is dropped first or kept', () => {
    const known = new Set(LEAVES.map((leaf) => leaf.pointer));
    expect([...DROPPED_FIRST, ...KEPT].filter((pointer) => !known.has(pointer))).toEqual([]);
  });
});

describe('CEF', () => {
  it('has seven fields before its extension, with separators escaped', () => {
    const { event, stored } = sealed({ severity: 4, gateway: { instance_id: 'w', version: '1|0\\' } });
    expect(renderCef(event, stored)).toMatch(/^CEF:0\|Sallyport\|Sallyport Gateway\|1\\\|0\\\\\|call\.decided\|Call decided\|8\|rt=/);
  });

  it('has its own keys beside ours', () => {
    const { event, stored } = sealed({ outcome: 'denied', actor: { kind: 'agent', identity_id: 'i', name: 'a=b' } });
    const text = renderCef(event, stored);
    for (const pair of ['suid=i ', 'suser=a\\=b ', 'src=192.0.2.17 ', 'outcome=denied ', 'cs3Label=tool cs3=stop_timer ', 'cn1Label=seq cn1=9 ', 'sallyportActorName=a\\=b ', `sallyportHash=${stored.hash}`]) expect(text).toContain(pair);
  });
});

describe('LEEF', () => {
  it('has its header and its delimiter, which no value holds', () => {
    const { event, stored } = sealed({ actor: { kind: 'agent', name: 'a\u0001b|c' } });
    const [head = '', ...pairs] = renderLeef(event, stored).split('\u0001');
    expect(head).toMatch(/^LEEF:2\.0\|Sallyport\|Sallyport Gateway\|1\|call\.decided\|x01\|devTime=\d+$/);
    expect(pairs).toContain('usrName=a\\u0001b|c');
    for (const pair of pairs) expect(pair).toMatch(/^[A-Za-z0-9]+=/);
  });
});

describe('syslog', () => {
  it('is ASCII with priority, host, id and seq, and the event', () => {
    const { event, stored } = sealed({ severity: 5, gateway: { instance_id: 'wörker 1' } });
    const text = renderSyslog(event, stored);
    expect(text).toMatch(/^[\u0020-\u007e]+$/);
    expect(text).toContain(`<106>1 ${event.time} w_rker_1 sallyport - call.decided [sallyport@32473 id="${event.event_id}" seq="9" stream="${AN_ORGANISATION}" sallyportHash="${stored.hash}"] {"actor":`);
  });
});

describe('ECS', () => {
  it('has the fields that the schema has', () => {
    const { event, stored } = sealed({ outcome: 'denied', decision: { decision_id: aFact().event_id, effect: 'deny', reason_code: 'hidden', rule_ids: ['/r'], policy_id: 'p' }, timing: { gateway_us: 2, upstream_us: 40 } });
    expect(renderEcs(event, stored)).toMatchObject({
      '@timestamp': event.time,
      ecs: { version: '9.5.0' },
      event: { id: event.event_id, kind: 'event', dataset: 'sallyport.audit', category: ['api'], type: ['access', 'denied'], action: 'call.decided', outcome: 'failure', sequence: 9, reason: 'hidden', duration: 42_000, hash: stored.hash, original: stored.line },
      organization: { id: AN_ORGANISATION },
      user: { name: 'billing-bot' },
      source: { ip: '192.0.2.17', address: '192.0.2.17' },
      rule: { id: '/r', ruleset: 'p' },
      gen_ai: { operation: { name: 'execute_tool' }, tool: { name: 'stop_timer', call: { id: '42' } } },
      sallyport: { mcp: { tool: 'stop_timer' }, decision: { effect: 'deny' }, stream: AN_ORGANISATION },
    });
  });

  it('leaves out what its version does not know, and an address that is none', () => {
    const { event, stored } = sealed({ source: { ip: 'unix:' } });
    const older = renderEcs(event, stored, '8.17.0');
    expect([older['gen_ai'], older['ecs']]).toEqual([undefined, { version: '8.17.0' }]);
    expect(older['source']).toEqual({ address: 'unix:' });
  });

  it('writes a change as text, whose values would have a type each', () => {
    const { event, stored } = sealed({ type: 'admin.policy.published', admin: { action: 'published', object_type: 'policy', object_id: 'p', patch: [{ op: 'add', path: '/a', value: { b: 1 } }] } });
    expect(renderEcs(event, stored)).toMatchObject({ event: { category: ['configuration'], type: ['admin', 'change'] }, sallyport: { admin: { patch: '[{"op":"add","path":"/a","value":{"b":1}}]' } } });
  });
});

describe('OTLP', () => {
  it('has the canonical text as its body and what is searched most as attributes', () => {
    const { event, stored } = sealed({ severity: 3, trace: { trace_id: 'ab'.repeat(16), span_id: 'cd'.repeat(8) } });
    const { resource, scope, logRecord } = renderOtlp(event, stored);
    expect(logRecord).toMatchObject({ severityNumber: 13, severityText: 'WARN', eventName: 'sallyport.call.decided', body: { stringValue: stored.line }, traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), timeUnixNano: '1763715600001000000' });
    expect(logRecord.attributes).toContainEqual({ key: 'gen_ai.tool.name', value: { stringValue: 'stop_timer' } });
    expect(logRecord.attributes).toContainEqual({ key: 'sallyport.seq', value: { intValue: '9' } });
    expect([resource.attributes[0], scope.name]).toEqual([{ key: 'service.name', value: { stringValue: 'sallyport' } }, 'sallyport.audit']);
  });

  it('leaves out ids of traces in another form, for which a receiver would refuse the batch', () => {
    for (const trace_id of ['AB'.repeat(16), '0'.repeat(32), 'abc']) {
      const { event, stored } = sealed({ trace: { trace_id, span_id: trace_id } });
      expect(renderOtlp(event, stored).logRecord.traceId).toBeUndefined();
    }
  });

  it('counts nanoseconds without rounding', () => {
    expect(['1970-01-01T00:00:00.000001Z', '1970-01-01T00:00:00.000000Z', '2026-11-21T09:00:00.123456Z'].map(unixNanoOf)).toEqual(['1000', '0', '1795251600123456000']);
  });
});
