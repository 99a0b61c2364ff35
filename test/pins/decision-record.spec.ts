import { OUTCOMES, REASON_CODES, RESPONSE_STATUSES } from '@sallyport/audit';
import { aCompleted, aDecided } from '@sallyport/audit/testing';
import { describe, expect, it } from 'vitest';

import { RecordEncoder } from '../../libs/journal-file/src/record-encoder.js';

const membersOf = (text: string): readonly string[] => Object.keys(JSON.parse(text) as object);

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

describe('a journal record, as JSON', () => {
  const encoder = new RecordEncoder();

  it('has these members when a call is decided', () => {
    expect(membersOf(encoder.decided(aDecided(1)))).toEqual([
      'kind',
      'decisionId',
      'at',
      'effect',
      'outcome',
      'reasonCode',
      'ruleId',
      'method',
      'tool',
      'definitionHash',
      'organisationId',
      'serverId',
      'serverSlug',
      'identityId',
      'grantId',
      'tokenId',
      'policyId',
      'policyVersion',
      'revision',
      'argumentKeys',
      'argumentsDigest',
      'argumentsBytes',
      'charges',
      'protocolVersion',
      'sessionId',
      'clientName',
      'sourceIp',
      'requestId',
      'durability',
    ]);
  });

  it('has these members when a call ends', () => {
    expect(membersOf(encoder.completed(aCompleted(1)))).toEqual([
      'kind',
      'decisionId',
      'organisationId',
      'at',
      'outcome',
      'reasonCode',
      'status',
      'httpStatus',
      'rpcCode',
      'resultBytes',
      'durationUs',
      'upstreamUs',
      'chargesReleased',
    ]);
  });
});
