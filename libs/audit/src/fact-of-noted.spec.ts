import { AUDIT_EVENT_TYPES, FIELD_CATALOGUE, sealEvent } from '@sallyport/audit-event';
import { branded, type DecisionId } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { EVENT_OF_NOTE, factOfNoted } from './fact-of-noted.js';
import type { Note } from './noted-record.js';
import { aNoted, aNotedCaller, uuidOf } from './testing/a-record.js';

const caller = aNotedCaller();
const call = { caller, decisionId: branded<DecisionId>(uuidOf(7)), tool: 'read_web' };

const NOTES: { readonly [Kind in Note['kind']]: Extract<Note, { readonly kind: Kind }> } = {
  workerStarted: { kind: 'workerStarted', version: '1.2.3' },
  workerStopped: { kind: 'workerStopped' },
  freshnessChanged: { kind: 'freshnessChanged', lost: 'policy_stale', stampAgeMs: 5_001, revision: branded(9) },
  signInsRefused: { kind: 'signInsRefused', sourceIp: '192.0.2.9', reason: 'expired', tokenId: branded(uuidOf(3)), identityId: branded(uuidOf(4)), count: 12, firstAt: branded(1_760_000_000_000), lastAt: branded(1_760_000_059_000) },
  signedIn: { kind: 'signedIn', caller },
  listServed: { kind: 'listServed', caller, policyId: branded(uuidOf(5)), policyVersion: 3, revision: branded(9), protocolVersion: '2025-11-25', requestId: null, shown: 2, hidden: 5 },
  flowTainted: { kind: 'flowTainted', ...call, mark: 'untrusted', seconds: 60 },
  limitTripped: { kind: 'limitTripped', ...call, ruleId: '/limits/0', counter: 'calls', windowStartMs: branded(1_760_000_000_000), windowEndMs: branded(1_760_000_060_000), units: '1' },
  auditDegraded: { kind: 'auditDegraded', reason: 'refused', count: 4, fullPercent: 100 },
};
const factOf = (note: Note) => factOfNoted(aNoted(1, { note }), uuidOf(0xf));

describe('the fact of a note', () => {
  it('is of a type that is known, for every kind of note', () => {
    for (const note of Object.values(NOTES)) expect(AUDIT_EVENT_TYPES).toContain(factOf(note).type);
    expect(new Set(Object.values(EVENT_OF_NOTE)).size).toBe(Object.keys(NOTES).length);
  });

  it('loses nothing on its way into an event', () => {
    const known = new Set(FIELD_CATALOGUE.map(({ path }) => path.split('.')[0]));
    for (const note of Object.values(NOTES)) {
      const fact = factOf(note);
      expect(Object.keys(fact).filter((key) => !known.has(key)), note.kind).toEqual([]);
      const { line } = sealEvent(fact, { stream: 's', seq: 1, observedTime: fact.time, prevHash: '0'.repeat(64), keyEpoch: 1 }, () => new Uint8Array(32));
      expect(JSON.parse(line), note.kind).toMatchObject(fact);
    }
  });

  it('is the same whenever it is asked for', () => {
    for (const note of Object.values(NOTES)) expect(factOf(note)).toEqual(factOf(note));
  });

  it('of a refused sign-in names source, reason, count and, where it is known, the token', () => {
    expect(factOf(NOTES.signInsRefused)).toMatchObject({
      type: 'auth.failure', outcome: 'failure', reason: 'expired', source: { ip: '192.0.2.9' }, actor: { kind: 'unknown', credential_id: uuidOf(3) },
      counted: { count: 12, first: '2025-10-09T08:53:20.000000Z', last: '2025-10-09T08:54:19.000000Z' },
    });
    expect(factOf({ ...NOTES.signInsRefused, sourceIp: null, tokenId: null, identityId: null })).not.toHaveProperty('source');
  });

  it('of a served list says how much was shown and by which policy', () => {
    expect(factOf(NOTES.listServed)).toMatchObject({ type: 'list.served', list: { shown: 2, hidden: 5, policy_version: 3 }, actor: { identity_id: caller.identityId, name: 'ci-runner' } });
  });

  it('of a mark and of a limit leads to the call', () => {
    expect(factOf(NOTES.flowTainted)).toMatchObject({ decision: { decision_id: uuidOf(7), flow_after: ['untrusted'] }, mcp: { tool: 'read_web' } });
    expect(factOf(NOTES.limitTripped)).toMatchObject({ outcome: 'limited', decision: { decision_id: uuidOf(7), rule_ids: ['/limits/0'], limits: [{ key: 'calls', units: '1' }] } });
  });

  it('tells a worker that is fresh again from one that is not', () => {
    expect(factOf(NOTES.freshnessChanged)).toMatchObject({ type: 'worker.stale', outcome: 'failure', reason: 'policy_stale', severity: 3 });
    expect(factOf({ ...NOTES.freshnessChanged, lost: null })).toMatchObject({ outcome: 'success', reason: 'fresh', severity: 1 });
  });

  it('of the deployment belongs to no organisation', () => {
    const fact = factOfNoted(aNoted(1, { organisationId: null, note: NOTES.workerStarted }), uuidOf(0xf));
    expect(fact).not.toHaveProperty('organisation_id');
    expect(fact).toMatchObject({ gateway: { instance_id: uuidOf(0xf), version: '1.2.3' }, actor: { kind: 'system', name: 'worker-1' } });
  });
});
