import { AUDIT_EVENT_TYPES, type AuditFact, parseAuditEvent, sealEvent } from '@sallyport/audit-event';
import { aFact, AN_ORGANISATION, arbitraryStoredEvent, nodeSha256 } from '@sallyport/audit-event/testing';
import { isJsonObject, type JsonObject } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { valueAt } from '../decoded-event.js';
import { OCSF_VERSIONS, renderOcsf } from './ocsf.js';

const place = { stream: AN_ORGANISATION, seq: 1, observedTime: '2026-11-21T09:00:00.000500Z', prevHash: '00'.repeat(32), keyEpoch: 1 };

function rendered(over: Partial<AuditFact>, version: (typeof OCSF_VERSIONS)[number] = '1.8.0'): JsonObject {
  const stored = sealEvent(aFact(over), place, nodeSha256);
  const parsed = parseAuditEvent(stored.line);
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return renderOcsf(parsed.value, stored, version);
}

/** What OCSF requires of each class; of a list of fields at least one. */
const REQUIRED: Readonly<Record<number, readonly (string | readonly string[])[]>> = {
  6003: ['api.operation', ['actor.user', 'actor.session', 'actor.app_name'], ['src_endpoint.ip', 'src_endpoint.uid', 'src_endpoint.name']],
  3004: [['entity.uid', 'entity.name'], ['actor.user', 'actor.session', 'actor.app_name']],
  3002: [['user.uid', 'user.name'], ['service.name', 'service.uid']],
  6002: [['app.name', 'app.uid']],
  0: [],
};
const BASE = ['activity_id', 'category_uid', 'class_uid', 'type_uid', 'severity_id', 'time', 'metadata.version', 'metadata.product'];
const CAPTIONS: Readonly<Record<number, ReadonlySet<number>>> = {
  6003: new Set([0, 1, 2, 3, 4, 99]),
  3004: new Set([0, 1, 2, 3, 4, 99]),
  3002: new Set([0, 1, 2, 3, 4, 5, 99]),
  6002: new Set([0, 1, 2, 3, 4, 99]),
  0: new Set([0, 99]),
};

function problemsOf(event: JsonObject): readonly string[] {
  const has = (path: string) => valueAt(event, ...path.split('.')) !== undefined;
  const classUid = Number(event['class_uid']);
  const missing = [...BASE, ...(REQUIRED[classUid] ?? ['class'])].filter((field) => (typeof field === 'string' ? !has(field) : !field.some(has)));
  const activity = Number(event['activity_id']);
  return [
    ...missing.map(String),
    ...(event['type_uid'] === classUid * 100 + activity && event['category_uid'] === Math.floor(classUid / 1_000) ? [] : ['type_uid']),
    ...(CAPTIONS[classUid]?.has(activity) === true ? [] : ['activity_id']),
    ...(Number.isSafeInteger(event['time']) && [1, 2, 3, 4, 5].includes(Number(event['severity_id'])) ? [] : ['time or severity']),
    ...(endpointIsValid(event['src_endpoint']) ? [] : ['src_endpoint']),
  ];
}

function endpointIsValid(endpoint: unknown): boolean {
  if (endpoint === undefined) return true;
  if (!isJsonObject(endpoint)) return false;
  return endpoint['ip'] === undefined || /^[0-9a-f.:]+$/i.test(String(endpoint['ip']));
}

describe('OCSF', () => {
  it('has what its classes require, for any event in any version', () => {
    fc.assert(
      fc.property(arbitraryStoredEvent(), fc.constantFrom(...OCSF_VERSIONS), ({ event, stored }, version) => {
        expect(problemsOf(renderOcsf(event, stored, version))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('has what its classes require where an event says as little as it can', () => {
    for (const type of [...AUDIT_EVENT_TYPES, 'admin.grant.issued'] as const) {
      const stored = sealEvent({ event_id: aFact().event_id, time: aFact().time, type, severity: 1 }, place, nodeSha256);
      expect(problemsOf(renderOcsf(JSON.parse(stored.line), stored))).toEqual([]);
    }
  });

  it('tells a call as API Activity of the tool\'s reviewed class, never of its name', () => {
    const of = (effect: string | undefined) => rendered({ mcp: { method: 'tools/call', tool: 'delete_everything', ...(effect === undefined ? {} : { effect }) } });
    expect(of('Read')).toMatchObject({ class_uid: 6003, activity_id: 2, type_uid: 600302, api: { operation: 'tools/call:delete_everything' } });
    expect(['Write', 'Destructive', 'Execute', undefined].map((effect) => [of(effect)['activity_id'], of(effect)['activity_name']])).toEqual([[3, 'Update'], [4, 'Delete'], [99, 'Execute'], [0, 'Unknown']]);
  });

  it('does not take a name of every object for a class or a verb', () => {
    expect(rendered({ mcp: { tool: 't', effect: 'constructor' } })).toMatchObject({ activity_id: 0 });
    expect(rendered({ type: 'admin.grant.constructor', admin: { action: 'x', object_type: 'grant', object_id: 'g' } })).toMatchObject({ activity_id: 3 });
  });

  it('says what was done and by which policy and rule', () => {
    const decision = { decision_id: aFact().event_id, effect: 'deny', mode: 'enforced', policy_id: 'p', policy_version: 7, rule_ids: ['/tools/x'], reason_code: 'rule_denied' } as const;
    expect(rendered({ outcome: 'denied', severity: 4, decision })).toMatchObject({
      status_id: 2,
      status_code: 'rule_denied',
      action_id: 2,
      disposition_id: 2,
      is_alert: true,
      policy: { uid: 'p', version: '7', is_applied: true },
      firewall_rule: { uid: '/tools/x' },
      authorizations: [{ decision: 'deny', policy: { uid: 'p' } }],
    });
    expect(rendered({ outcome: 'approval_required', decision: { ...decision, reason_code: 'approval_required' } })).toMatchObject({ status_id: 99, action_id: 2, disposition_id: 14 });
    expect(rendered({ outcome: 'allowed', response: { status: 'ok', redactions: [{ path: '/a', rule: '/r', action: 'mask' }] } })).toMatchObject({ status_id: 1, action_id: 4, disposition_id: 11 });
  });

  it('tells administration as Entity Management with the verb as its activity', () => {
    const of = (verb: string) => rendered({ type: `admin.grant.${verb}`, admin: { action: verb, object_type: 'grant', object_id: 'g1', reason: 'left the team' } });
    expect(of('issued')).toMatchObject({ class_uid: 3004, activity_id: 1, entity: { uid: 'g1', type: 'grant' }, comment: 'left the team' });
    expect([of('revoked')['activity_id'], of('settings_changed')['activity_id']]).toEqual([4, 3]);
  });

  it('tells sign-ins as Authentication and workers as Application Lifecycle', () => {
    expect(rendered({ type: 'auth.failure', outcome: 'failure', reason: 'token_unknown', counted: { count: 9, first: aFact().time, last: aFact().time } })).toMatchObject({ class_uid: 3002, activity_id: 1, status_id: 2, status_code: 'token_unknown', count: 9 });
    expect(['worker.start', 'worker.stop', 'worker.stale'].map((type) => rendered({ type: type as AuditFact['type'] })['type_uid'])).toEqual([600203, 600204, 600299]);
  });

  it('names the conversation in the version that knows it', () => {
    const mcp = { method: 'tools/call', tool: 't', flow_id: 'f1' };
    expect(rendered({ mcp })).toMatchObject({ metadata: { version: '1.8.0', profiles: ['security_control', 'ai_operation'] }, message_context: { ai_role_id: 3, uid: 'f1' } });
    const older = rendered({ mcp }, '1.7.0');
    expect(older).toMatchObject({ metadata: { version: '1.7.0', profiles: ['security_control'] } });
    expect(older['message_context']).toBeUndefined();
  });

  it('leaves out a conversation of which neither the application nor the server is known, which its object requires', () => {
    const bare = sealEvent({ event_id: aFact().event_id, time: aFact().time, type: 'limit.tripped', severity: 1, mcp: { flow_id: 'f1' } }, place, nodeSha256);
    const event = renderOcsf(JSON.parse(bare.line), bare);
    expect([event['message_context'], event['metadata']]).toMatchObject([undefined, { profiles: ['security_control'] }]);
  });

  it('names as addresses only what is one', () => {
    const source = { ip: '999.1.1.1', forwarded_for: ['192.0.2.9', '...', '2001:db8::1', '1.2.3.4.5', 'proxy'] };
    expect(rendered({ source })['src_endpoint']).toMatchObject({ name: '999.1.1.1', intermediate_ips: ['192.0.2.9', '2001:db8::1'] });
    expect(rendered({ source })['src_endpoint']).not.toHaveProperty('ip');
  });

  it('says of who reports only what OCSF has a field for', () => {
    const { reporter } = rendered({ gateway: { instance_id: 'w1', version: '1.2.3' } })['metadata'] as { reporter: object };
    expect(reporter).toEqual({ uid: 'w1', name: 'w1' });
  });

  it('carries the canonical text, its size and the hash of the chain', () => {
    const stored = sealEvent(aFact({ ext: { team: 'é' } }), place, nodeSha256);
    expect(renderOcsf(JSON.parse(stored.line), stored)).toMatchObject({
      raw_data: stored.line,
      raw_data_size: Buffer.byteLength(stored.line),
      raw_data_hash: { algorithm_id: 99, value: stored.hash },
      metadata: { uid: stored.eventId, sequence: 1, log_name: AN_ORGANISATION, event_code: 'call.decided', tags: [{ name: 'team', value: 'é' }] },
    });
  });
});
