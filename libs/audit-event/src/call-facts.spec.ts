import { REASON_CODES } from '@sallyport/audit';
import { aCompleted, aDecided, aRefusal, uuidOf } from '@sallyport/audit/testing';
import { branded } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { REASON_SEVERITY } from './call-severity.js';
import { completedEventId } from './completed-event-id.js';
import { factOfCompleted } from './fact-of-completed.js';
import { factOfDecided } from './fact-of-decided.js';
import { sealEvent } from './seal-event.js';
import { nodeSha256 } from './testing/index.js';

const identity = { name: 'billing-bot', kind: 'agent', ownerId: uuidOf(0xb1) } as const;
const context = { identity, instanceId: 'worker-1' } as const;
const place = { stream: uuidOf(0xa1), seq: 1, observedTime: '2026-11-21T09:00:00.000000Z', prevHash: '00'.repeat(32), keyEpoch: 1 };

describe('the event of a decision', () => {
  it('says who called what under which grant, and what was decided', () => {
    expect(factOfDecided(aDecided(1), context)).toEqual({
      event_id: uuidOf(1),
      organisation_id: uuidOf(0xa1),
      time: '2025-10-09T08:53:20.001000Z',
      type: 'call.decided',
      severity: 1,
      actor: {
        identity_id: uuidOf(0xa3),
        kind: 'agent',
        name: 'billing-bot',
        owner_id: uuidOf(0xb1),
        credential_id: uuidOf(0xa5),
        credential_kind: 'grant_token',
        auth_method: 'bearer',
      },
      client: { name: 'an-agent/1.4', unverified: true },
      source: { ip: '192.0.2.17' },
      gateway: { instance_id: 'worker-1', version: '0.1.0' },
      server: { id: uuidOf(0xa2), alias: 'time-tracker' },
      mcp: {
        method: 'tools/call',
        protocol_version: '2025-11-25',
        request_id: '42',
        flow_id: 'e3f1c1d2-5a3e-4c3b-9d0a-2f6f5a9f1b11',
        tool: 'stop_timer',
        tool_upstream: 'stop_timer',
        definition_hash: 'ab'.repeat(32),
      },
      decision: {
        decision_id: uuidOf(1),
        effect: 'allow',
        mode: 'enforced',
        policy_id: uuidOf(0xa6),
        policy_version: 7,
        policy_age_ms: 250,
        revision: 1234,
        grant_id: uuidOf(0xa4),
        rule_ids: ['/tools/stop_timer'],
        limits: [{ key: 'o/p/stop_timer_rate/g', units: '1', window_start: '2025-10-09T08:53:00.000000Z', window_end: '2025-10-09T08:54:00.000000Z' }],
        audit_mode: 'process',
      },
      request: { argument_keys: ['workspaceId', 'timeEntryId'], args_digest: 'cd'.repeat(32), args_bytes: 118 },
    });
  });

  it('has the outcome and the reason of a refusal, and is as serious as its reason', () => {
    const fact = factOfDecided(aRefusal(1, { reasonCode: 'flow_denied' }), context);
    expect([fact.outcome, fact.severity, fact.decision?.reason_code]).toEqual(['denied', 4, 'flow_denied']);
  });

  it('names the approvals that are asked for without their sentence', () => {
    const approval = { ruleId: '/rules/3', approvers: ['role:admin', 'member:m1'], quorum: 2, expiresInSeconds: 900, holdSeconds: 30, message: 'Pay 4,000 to Eve?' };
    const fact = factOfDecided(aRefusal(1, { outcome: 'approval_required', reasonCode: 'approval_required', approvals: [approval] }), context);
    expect(fact.decision?.obligations).toEqual(['approval /rules/3: 2 of role:admin, member:m1, within 900 s']);
    expect(fact.decision?.rule_ids).toEqual(['/tools/stop_timer', '/rules/3']);
    expect(JSON.stringify(fact)).not.toContain('Eve');
  });

  it('says what a version in shadow would have done', () => {
    const fact = factOfDecided(aDecided(1, { shadows: [{ policyVersion: 8, relation: 'stricter', effect: 'deny', ruleId: '/x', reasonCode: 'rule_denied' }] }), context);
    expect(fact.decision?.shadow).toEqual({ policy_version: 8, relation: 'stricter', effect: 'deny', rule_id: '/x', reason_code: 'rule_denied' });
  });

  it('leaves out what is not known rather than saying null', () => {
    const bare = aDecided(1, {
      ruleId: null, method: null, tool: null, definitionHash: null, policyId: null, policyVersion: null, argumentKeys: [], argumentsDigest: null, charges: [],
      protocolVersion: null, sessionId: null, clientName: null, sourceIp: null, requestId: null,
      gatewayVersion: null, policyAgeMs: null,
    });
    const { line } = sealEvent(factOfDecided(bare, { identity: null, instanceId: 'worker-1' }), place, nodeSha256);
    expect(line).not.toContain('null');
    expect(JSON.parse(line)).toMatchObject({ actor: { kind: 'unknown' }, request: { args_bytes: 118 } });
  });

  it('names the tool as its server declares it, and says nothing of a name that the server does not declare', () => {
    expect(factOfDecided(aDecided(1), context).mcp?.tool_upstream).toBe('stop_timer');
    expect(factOfDecided(aRefusal(1, { definitionHash: null }), context).mcp).not.toHaveProperty('tool_upstream');
  });

  it('says which marks the identity bore; and after it the same where it is the end of the call, as no refusal leaves any', () => {
    const marksBefore = ['untrusted', 'customer-data'];
    const admitted = factOfDecided(aDecided(1, { marksBefore }), context).decision;
    expect(admitted?.flow_before).toEqual(marksBefore);
    expect(admitted).not.toHaveProperty('flow_after');
    expect(factOfDecided(aRefusal(1, { marksBefore }), context).decision).toMatchObject({ flow_before: marksBefore, flow_after: marksBefore });
    for (const bare of [aDecided(1), aRefusal(1)]) for (const field of ['flow_before', 'flow_after']) expect(factOfDecided(bare, context).decision).not.toHaveProperty(field);
  });

  it('has a severity for every reason code', () => {
    expect(Object.keys(REASON_SEVERITY).sort()).toEqual([...REASON_CODES].sort());
  });
});

describe('the event of a completion', () => {
  const decided = factOfDecided(aDecided(1), context);

  it('can be read on its own: who called what, how it ended, how long it took', () => {
    expect(factOfCompleted(aCompleted(1), { decided, instanceId: 'worker-1' })).toEqual({
      event_id: '0199c2a0-7b00-8000-8000-000000000001',
      organisation_id: uuidOf(0xa1),
      time: '2025-10-09T08:53:20.041000Z',
      type: 'call.completed',
      outcome: 'allowed',
      severity: 1,
      actor: decided.actor,
      client: decided.client,
      source: decided.source,
      gateway: { instance_id: 'worker-1', version: '0.1.0' },
      server: decided.server,
      mcp: decided.mcp,
      decision: {
        decision_id: uuidOf(1),
        effect: 'allow',
        mode: 'enforced',
        policy_id: uuidOf(0xa6),
        policy_version: 7,
        policy_age_ms: 250,
        revision: 1234,
        grant_id: uuidOf(0xa4),
        rule_ids: ['/tools/stop_timer'],
        audit_mode: 'process',
      },
      response: { status: 'ok', http_status: 200, result_bytes: 2048 },
      timing: { gateway_us: 350, upstream_us: 40_900 },
    });
  });

  it('is abandoned where nobody knows how the call ended', () => {
    const fact = factOfCompleted(aCompleted(1, { outcome: 'abandoned', status: 'transport_error' }), { decided, instanceId: 'worker-1' });
    expect([fact.type, fact.outcome, fact.severity]).toEqual(['call.abandoned', 'abandoned', 3]);
  });

  it('says which marks the identity bears after it: those it bore, and those the call left, each once', () => {
    const bearing = factOfDecided(aDecided(1, { marksBefore: ['untrusted'] }), context);
    const after = (marksLeft: readonly string[], over: object = {}) => factOfCompleted(aCompleted(1, { marksLeft, ...over }), { decided: bearing, instanceId: 'worker-1' }).decision;
    expect(after(['seen', 'untrusted'])).toMatchObject({ flow_before: ['untrusted'], flow_after: ['untrusted', 'seen'] });
    expect(after([])).toMatchObject({ flow_before: ['untrusted'], flow_after: ['untrusted'] });
    expect(factOfCompleted(aCompleted(1, { marksLeft: ['seen'] }), { decided: null, instanceId: 'worker-1' }).decision).toMatchObject({ flow_after: ['seen'] });
    expect(after([], { outcome: 'abandoned', status: 'transport_error' })).not.toHaveProperty('flow_after');
  });

  it('names no version where another start of a worker than the one that decided tells the end', () => {
    expect(factOfCompleted(aCompleted(1), { decided, instanceId: 'worker-1' }).gateway).toEqual({ instance_id: 'worker-1', version: '0.1.0' });
    expect(factOfCompleted(aCompleted(1), { decided, instanceId: 'worker-2' }).gateway).toEqual({ instance_id: 'worker-2' });
  });

  it('names the rule that withheld the answer, and what was taken out of it', () => {
    const removed = [{ pointer: '/content/0/text', ruleId: '/answers/1', action: 'mask' }] as const;
    const fact = factOfCompleted(aCompleted(1, { answerRuleId: '/answers/2', removed, removedCount: 40, chargesReleased: true }), { decided, instanceId: 'worker-1' });
    expect(fact.decision).toMatchObject({ rule_ids: ['/answers/2'], limits_released: true });
    expect(fact.response).toMatchObject({ redactions: [{ path: '/content/0/text', rule: '/answers/1', action: 'mask' }], redactions_count: 40 });
  });

  it('can be made where the decision is kept no more', () => {
    expect(factOfCompleted(aCompleted(1), { decided: null, instanceId: 'worker-1' })).toMatchObject({ decision: { decision_id: uuidOf(1) } });
  });

  it('has the same id whenever the record comes, another than the decision, and another where it is abandoned', () => {
    const ids = [uuidOf(1), completedEventId(uuidOf(1), false), completedEventId(uuidOf(1), true)];
    expect(ids.slice(1)).toEqual(['0199c2a0-7b00-8000-8000-000000000001', '0199c2a0-7b00-8800-8000-000000000001']);
    expect(factOfCompleted(aCompleted(1), { decided: null, instanceId: 'a' }).event_id).toBe(factOfCompleted(aCompleted(1), { decided, instanceId: 'b' }).event_id);
  });

  it('keeps apart the ends of decisions whose ids are apart', () => {
    const ends = Array.from({ length: 2_000 }, (_, n) => branded<ReturnType<typeof aDecided>['decisionId']>(uuidOf(n)))
      .flatMap((id) => [id, completedEventId(id, false), completedEventId(id, true)]);
    expect(new Set(ends).size).toBe(6_000);
  });
});
