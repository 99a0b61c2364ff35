import { describe, expect, it } from 'vitest';

import type { AuditFact } from './audit-event.js';
import { parseAuditEvent } from './parse-audit-event.js';
import { MAX_LINE_BYTES, sealEvent } from './seal-event.js';
import { aFact, AN_ORGANISATION, nodeSha256 } from './testing/index.js';

const place = { stream: AN_ORGANISATION, seq: 1, observedTime: '2026-11-21T09:00:00.000500Z', prevHash: '00'.repeat(32), keyEpoch: 1 };

function sealed(fact: AuditFact): AuditFact {
  const { line } = sealEvent(fact, place, nodeSha256);
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LINE_BYTES);
  const result = parseAuditEvent(line);
  if (!result.ok) throw new Error(`${result.refusal.pointer} ${result.refusal.message}`);
  return result.value;
}

const base = aFact();
const decision = { decision_id: base.event_id };
const redactions = (n: number) => Array.from({ length: n }, (_, at) => ({ path: `/content/${at}/${'p'.repeat(100)}`, rule: '/answers/1', action: 'mask' as const }));

describe('an event that is too long', () => {
  it('is not cut while it fits', () => {
    expect(sealed({ ...base, request: { args_excerpt: 'e'.repeat(60_000) } }).request?.truncated).toBeUndefined();
  });

  it('loses the excerpt of its arguments first, and says so', () => {
    const fact = sealed({ ...base, decision: { ...decision, obligations: ['o'] }, request: { args_bytes: 9, args_excerpt: 'e'.repeat(70_000) } });
    expect(fact.request).toEqual({ args_bytes: 9, truncated: ['/request/args_excerpt'] });
    expect(fact.decision?.obligations).toEqual(['o']);
  });

  it('then loses obligations, the labels of the flow, all but the first redactions and names of arguments, in this order', () => {
    const long = Array.from({ length: 300 }, (_, at) => `${at}${'x'.repeat(250)}`);
    const fact = sealed({
      ...base,
      decision: { ...decision, obligations: long, flow_before: long, flow_after: long },
      request: { argument_keys: long, args_excerpt: 'e' },
      response: { status: 'ok', redactions: redactions(400) },
    });
    expect(fact.decision).toEqual(decision);
    expect(fact.request).toEqual({ argument_keys: long.slice(0, 64), truncated: ['/request/args_excerpt', '/decision/obligations', '/decision/flow_before', '/decision/flow_after', '/request/argument_keys'] });
    expect(fact.response).toEqual({ status: 'ok', redactions: redactions(8), truncated: ['/response/redactions'] });
  });

  it('loses the change itself and keeps its hashes', () => {
    const patch = Array.from({ length: 2_000 }, (_, at) => ({ op: 'add' as const, path: `/rules/${at}`, value: 'v'.repeat(100) }));
    const admin = { action: 'published', object_type: 'policy', object_id: 'p', before_hash: 'aa', after_hash: 'bb' } as const;
    const fact = sealed({ ...base, admin: { ...admin, patch } });
    expect(fact.admin).toEqual(admin);
    expect(fact.request?.truncated).toEqual(['/admin/patch']);
  });

  it.each([
    ['controls', '\u0001'.repeat(8_000)],
    ['4-byte characters', '\u{1f512}'.repeat(4_000)],
    ['letters', 'x'.repeat(9_000)],
  ])('fits with %s far too long in any field, and keeps its ids', (_, text) => {
    const many = Array.from({ length: 50 }, () => text);
    const fact = sealed({
      ...base,
      actor: { kind: 'agent', name: text, subject: text, issuer: text, roles: many, act_chain: many, credential_id: text },
      client: { name: text, version: text, user_agent: text, unverified: true },
      source: { forwarded_for: many },
      mcp: { tool: text, resource_uri: text, prompt: text, method: text, request_id: text, flow_id: text, protocol_version: text },
      decision: { ...decision, rule_ids: many, limits: many.map((key) => ({ key, units: '1', window_start: base.time, window_end: base.time })) },
      request: { argument_keys: many, redactions: redactions(900), truncated: many },
      response: { status: 'ok', redactions: redactions(900) },
      reason: text,
      ext: { label: text },
    });
    expect([fact.event_id, fact.time, fact.decision?.decision_id]).toEqual([base.event_id, base.time, decision.decision_id]);
    expect(fact.request?.truncated).toContain('/mcp/tool');
    expect(fact.response?.truncated).toEqual(['/response/redactions']);
  });
});
