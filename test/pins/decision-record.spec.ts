import { OUTCOMES, REASON_CODES, RESPONSE_STATUSES } from '@sallyport/audit';
import { aCompleted, aDecided, aNoted } from '@sallyport/audit/testing';
import { branded } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { decodeRecord } from '../../libs/journal-file/src/decode-record.js';
import { RecordEncoder } from '../../libs/journal-file/src/record-encoder.js';

describe('what a decision record says', () => {
  it('knows six outcomes', () => {
    expect(OUTCOMES).toEqual(['allowed', 'denied', 'limited', 'approval_required', 'abandoned', 'error']);
  });

  it('knows these reasons and no other', () => {
    expect(REASON_CODES).toEqual([
      'no_policy',
      'hidden',
      'default_deny',
      'quarantined',
      'policy_stale',
      'clock_skew',
      'rule_denied',
      'require_failed',
      'limit_exceeded',
      'limit_amount_invalid',
      'limit_store_unavailable',
      'limit_store_reset',
      'approval_required',
      'evaluation_error',
      'flow_denied',
      'audit_unavailable',
      'request_malformed',
      'server_unavailable',
      'too_many_calls',
    ]);
  });

  it('knows these ends of a request to an upstream', () => {
    expect(RESPONSE_STATUSES).toEqual(['not_called', 'ok', 'tool_error', 'rpc_error', 'transport_error', 'timeout', 'cancelled']);
  });
});

describe('a journal record', () => {
  const encoder = new RecordEncoder();
  const itemsOf = (encoded: Uint8Array): readonly unknown[] => JSON.parse(Buffer.from(encoded).toString('utf8')) as readonly unknown[];

  it('of a decision is its values behind d3, in this order for ever', () => {
    const { kind: _, ...record } = aDecided(1, { charges: [{ key: 'k', windowStartMs: branded(1), windowEndMs: branded(2), units: '3' }] });
    const members = [
      'decisionId', 'at', 'organisationId', 'serverId', 'serverSlug', 'identityId', 'grantId', 'tokenId', 'policyId', 'policyVersion', 'revision',
      'protocolVersion', 'clientName', 'sourceIp', 'durability', 'gatewayVersion', 'tool', 'method', 'ruleId', 'effect', 'outcome', 'reasonCode', 'definitionHash',
      'argumentKeys', 'argumentsDigest', 'argumentsBytes', 'charges', 'sessionId', 'requestId', 'policyAgeMs',
    ] as const;
    const said = { ...record, charges: [['k', 1, 2, '3']] };
    expect(itemsOf(encoder.decided(aDecided(1, { charges: record.charges })))).toEqual(['d3', ...members.map((member) => said[member])]);
    expect([...members, 'approvals', 'sealedArguments', 'shadows', 'marksBefore'].sort()).toEqual(Object.keys(record).sort());
  });

  it('that says more has the further members behind the others, under d4, c2 and c3', () => {
    const begun = itemsOf(encoder.decided(aDecided(1, { sealedArguments: 'sealed' })));
    expect([begun[0], begun.slice(-4)]).toEqual(['d4', [[], 'sealed', [], []]]);
    const ended = itemsOf(encoder.completed(aCompleted(1, { answerRuleId: '/tools/t/response/deny_if/0' })));
    expect([ended[0], ended.slice(-3)]).toEqual(['c2', ['/tools/t/response/deny_if/0', [], 0]]);
    const marked = itemsOf(encoder.completed(aCompleted(1, { marksLeft: ['seen'] })));
    expect([marked[0], marked.slice(-4)]).toEqual(['c3', [null, [], 0, ['seen']]]);
  });

  it('of a decision is still read as it was written behind d1 and d2, without what was not said then', () => {
    const members = [
      'decisionId', 'at', 'organisationId', 'serverId', 'serverSlug', 'identityId', 'grantId', 'tokenId', 'policyId', 'policyVersion', 'revision',
      'protocolVersion', 'clientName', 'sourceIp', 'durability', 'tool', 'method', 'ruleId', 'effect', 'outcome', 'reasonCode', 'definitionHash',
      'argumentKeys', 'argumentsDigest', 'argumentsBytes', 'charges', 'sessionId', 'requestId',
    ] as const;
    const record = aDecided(1, { charges: [], gatewayVersion: null, policyAgeMs: null });
    const items = members.map((member) => record[member]);
    expect(decodeRecord(JSON.stringify(['d1', ...items]))).toEqual(record);
    expect(decodeRecord(JSON.stringify(['d2', ...items, [], 'sealed', []]))).toEqual({ ...record, sealedArguments: 'sealed' });
  });

  it('of an end is its values behind c1, in this order for ever', () => {
    const { kind: _, ...record } = aCompleted(1);
    const members = [
      'decisionId', 'at', 'organisationId', 'outcome', 'reasonCode', 'status', 'httpStatus', 'rpcCode', 'chargesReleased', 'resultBytes', 'durationUs', 'upstreamUs',
    ] as const;
    expect(itemsOf(encoder.completed(aCompleted(1)))).toEqual(['c1', ...members.map((member) => record[member])]);
    expect([...members, 'answerRuleId', 'removed', 'removedCount', 'marksLeft'].sort()).toEqual(Object.keys(record).sort());
  });

  it('of a note is its values behind n1, in this order for ever', () => {
    const { kind: _, ...record } = aNoted(1);
    const members = ['eventId', 'at', 'organisationId', 'workerId', 'note'] as const;
    expect(itemsOf(encoder.noted(aNoted(1)))).toEqual(['n1', ...members.map((member) => record[member])]);
    expect([...members].sort()).toEqual(Object.keys(record).sort());
  });
});
