import type { CompletedRecord, DecidedRecord, DecisionRecord, SequencedRecord } from '@sallyport/audit';
import { branded, type Brand, type DecisionId, type EpochMs, type GrantId, type IdentityId, type OrganisationId, type PolicyId, type Revision, type ServerId, type Sha256Hex, type TokenId } from '@sallyport/kernel';

/** The n-th id of a test, of any kind. */
export function testId<Id extends Brand<string, string>>(n: number): Id {
  return branded<Brand<string, string>>(`01990000-0000-7000-8000-${String(n).padStart(12, '0')}`) as Id;
}

const AT = Date.parse('2026-11-21T09:00:00.000Z');

/** A `decided` of decision n: an admitted `tools/call` of `echo`, n seconds after nine o'clock. */
export function aDecided(organisationId: OrganisationId, n: number, change: Partial<DecidedRecord> = {}): DecidedRecord {
  return {
    kind: 'decided',
    decisionId: testId<DecisionId>(n),
    organisationId,
    at: branded<EpochMs>(AT + n * 1000),
    effect: 'allow',
    outcome: null,
    reasonCode: null,
    ruleId: '/tools/echo',
    method: 'tools/call',
    tool: 'echo',
    definitionHash: branded<Sha256Hex>('0'.repeat(64)),
    serverId: testId<ServerId>(900_001),
    serverSlug: 'everything',
    identityId: testId<IdentityId>(900_002),
    grantId: testId<GrantId>(900_003),
    tokenId: testId<TokenId>(900_004),
    policyId: testId<PolicyId>(900_005),
    policyVersion: 1,
    revision: branded<Revision>(7),
    argumentKeys: ['message'],
    argumentsDigest: branded<Sha256Hex>('1'.repeat(64)),
    argumentsBytes: 17,
    charges: [],
    protocolVersion: '2025-06-18',
    sessionId: 'session',
    clientName: 'a client',
    sourceIp: '127.0.0.1',
    requestId: '1',
    durability: 'process',
    approvals: [],
    sealedArguments: null,
    shadows: [],
    gatewayVersion: '0.1.0',
    policyAgeMs: 250,
    marksBefore: [],
    ...change,
  };
}

/** The `completed` of decision n: answered after 2.5 ms. */
export function aCompleted(organisationId: OrganisationId, n: number, change: Partial<CompletedRecord> = {}): CompletedRecord {
  return {
    kind: 'completed',
    decisionId: testId<DecisionId>(n),
    organisationId,
    at: branded<EpochMs>(AT + n * 1000 + 3),
    outcome: 'allowed',
    reasonCode: null,
    status: 'ok',
    httpStatus: 200,
    rpcCode: null,
    resultBytes: 42,
    durationUs: 2_500,
    upstreamUs: 2_000,
    chargesReleased: false,
    answerRuleId: null,
    removed: [],
    removedCount: 0,
    marksLeft: [],
    ...change,
  };
}

/** Records as one worker numbers them, from `localSeq` 1. */
export function sequenced(...records: readonly DecisionRecord[]): readonly SequencedRecord[] {
  return records.map((record, index) => ({ incarnation: testId<DecisionId>(800_000), localSeq: index + 1, record }));
}
