import { branded } from '@sallyport/kernel';

import type { CompletedRecord, DecidedRecord } from '../decision-record.js';
import type { NotedCaller, NotedRecord } from '../noted-record.js';

/** The `n`th id of a test, in the form of a UUIDv7. */
export function uuidOf(n: number): string {
  return `0199c2a0-7b00-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** An admitted call `n`: complete and plausible; the same `n` gives the same record. */
export function aDecided(n: number, over: Partial<DecidedRecord> = {}): DecidedRecord {
  return {
    kind: 'decided',
    decisionId: branded(uuidOf(n)),
    organisationId: branded(uuidOf(0xa1)),
    at: branded(1_760_000_000_000 + n),
    effect: 'allow',
    outcome: null,
    reasonCode: null,
    ruleId: '/tools/stop_timer',
    method: 'tools/call',
    tool: 'stop_timer',
    definitionHash: branded('ab'.repeat(32)),
    serverId: branded(uuidOf(0xa2)),
    serverSlug: 'time-tracker',
    identityId: branded(uuidOf(0xa3)),
    grantId: branded(uuidOf(0xa4)),
    tokenId: branded(uuidOf(0xa5)),
    policyId: branded(uuidOf(0xa6)),
    policyVersion: 7,
    revision: branded(1234),
    argumentKeys: ['workspaceId', 'timeEntryId'],
    argumentsDigest: branded('cd'.repeat(32)),
    argumentsBytes: 118,
    charges: [
      { key: 'o/p/stop_timer_rate/g', windowStartMs: branded(1_759_999_980_000), windowEndMs: branded(1_760_000_040_000), units: '1' },
    ],
    protocolVersion: '2025-11-25',
    sessionId: 'e3f1c1d2-5a3e-4c3b-9d0a-2f6f5a9f1b11',
    clientName: 'an-agent/1.4',
    sourceIp: '192.0.2.17',
    requestId: '42',
    durability: 'process',
    approvals: [],
    sealedArguments: null,
    shadows: [],
    gatewayVersion: '0.1.0',
    policyAgeMs: 250,
    marksBefore: [],
    ...over,
  };
}

/** A refused call `n`. */
export function aRefusal(n: number, over: Partial<DecidedRecord> = {}): DecidedRecord {
  return aDecided(n, { effect: 'deny', outcome: 'denied', reasonCode: 'default_deny', charges: [], ...over });
}

/** The answered end of call `n`. */
export function aCompleted(n: number, over: Partial<CompletedRecord> = {}): CompletedRecord {
  return {
    kind: 'completed',
    decisionId: branded(uuidOf(n)),
    organisationId: branded(uuidOf(0xa1)),
    at: branded(1_760_000_000_040 + n),
    outcome: 'allowed',
    reasonCode: null,
    status: 'ok',
    httpStatus: 200,
    rpcCode: null,
    resultBytes: 2_048,
    durationUs: 41_250,
    upstreamUs: 40_900,
    chargesReleased: false,
    answerRuleId: null,
    removed: [],
    removedCount: 0,
    marksLeft: [],
    ...over,
  };
}

/** The caller of `aDecided`. */
export function aNotedCaller(over: Partial<NotedCaller> = {}): NotedCaller {
  return {
    identityId: branded(uuidOf(0xa3)),
    identityName: 'ci-runner',
    identityKind: 'agent',
    grantId: branded(uuidOf(0xa4)),
    tokenId: branded(uuidOf(0xa5)),
    serverId: branded(uuidOf(0xa2)),
    serverSlug: 'time-tracker',
    sourceIp: '192.0.2.17',
    clientName: 'an-agent/1.4',
    ...over,
  };
}

/** Note `n`: a list that was served; the same `n` gives the same record. */
export function aNoted(n: number, over: Partial<NotedRecord> = {}): NotedRecord {
  return {
    kind: 'noted',
    eventId: branded(uuidOf(0x10_0000 + n)),
    organisationId: branded(uuidOf(0xa1)),
    at: branded(1_760_000_000_000 + n),
    workerId: 'worker-1',
    note: {
      kind: 'listServed',
      caller: aNotedCaller(),
      policyId: branded(uuidOf(0xa6)),
      policyVersion: 7,
      revision: branded(1234),
      protocolVersion: '2025-11-25',
      requestId: null,
      shown: 3,
      hidden: 1,
    },
    ...over,
  };
}
