import { type CompletedRecord, type DecidedRecord, DEGRADATIONS, DISAGREEMENTS, type Note, type NotedCaller, type NotedRecord, OUTCOMES, REASON_CODES, REMOVALS, RESPONSE_STATUSES, type SequencedRecord, SIGN_IN_REFUSALS } from '@sallyport/audit';
import type { Brand } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeRecord, encodeRecord, recordFromJson, recordToJson } from './record-codec.js';

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !/\0|\p{Surrogate}/u.test(value));
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const id = <Id extends Brand<string, string>>() => fc.uuid({ version: 7 }) as unknown as fc.Arbitrary<Id>;
const number = <Number extends Brand<number, string>>(value: fc.Arbitrary<number>) => value as unknown as fc.Arbitrary<Number>;
const instant = <Number extends Brand<number, string>>() => number<Number>(fc.double({ min: 0, max: 4e12, noNaN: true }));
const hash = fc.stringMatching(/^[0-9a-f]{64}$/) as unknown as fc.Arbitrary<Exclude<DecidedRecord['argumentsDigest'], null>>;

const decided: fc.Arbitrary<DecidedRecord> = fc.record({
  kind: fc.constant('decided' as const),
  decisionId: id(),
  organisationId: id(),
  at: instant(),
  effect: fc.constantFrom('allow', 'deny'),
  outcome: maybe(fc.constantFrom('denied', 'limited', 'approval_required')),
  reasonCode: maybe(fc.constantFrom(...REASON_CODES)),
  ruleId: maybe(text),
  method: maybe(text),
  tool: maybe(text),
  definitionHash: maybe(hash),
  serverId: id(),
  serverSlug: text,
  identityId: id(),
  grantId: id(),
  tokenId: id(),
  policyId: maybe(id()),
  policyVersion: maybe(fc.nat()),
  revision: number(fc.maxSafeNat()),
  argumentKeys: fc.array(text, { maxLength: 4 }),
  argumentsDigest: maybe(hash),
  argumentsBytes: fc.maxSafeNat(),
  charges: fc.array(fc.record({ key: text, windowStartMs: instant(), windowEndMs: instant(), units: text }), { maxLength: 3 }),
  protocolVersion: maybe(text),
  sessionId: maybe(text),
  clientName: maybe(text),
  sourceIp: maybe(text),
  requestId: maybe(text),
  durability: fc.constantFrom('process', 'disk', 'bus'),
  approvals: fc.array(fc.record({ ruleId: text, approvers: fc.array(text, { maxLength: 2 }), quorum: fc.nat(), expiresInSeconds: fc.nat(), holdSeconds: fc.nat(), message: text }), { maxLength: 2 }),
  sealedArguments: maybe(text),
  shadows: fc.array(fc.record({ policyVersion: fc.nat(), relation: fc.constantFrom(...DISAGREEMENTS), effect: fc.constantFrom('allow', 'deny'), ruleId: text, reasonCode: maybe(fc.constantFrom(...REASON_CODES)) }), { maxLength: 1 }),
  gatewayVersion: maybe(text),
  policyAgeMs: maybe(fc.nat()),
  marksBefore: fc.array(text, { maxLength: 2 }),
});

const completed: fc.Arbitrary<CompletedRecord> = fc.record({
  kind: fc.constant('completed' as const),
  decisionId: id(),
  organisationId: id(),
  at: instant(),
  outcome: fc.constantFrom(...OUTCOMES),
  reasonCode: maybe(fc.constantFrom(...REASON_CODES)),
  status: fc.constantFrom(...RESPONSE_STATUSES),
  httpStatus: maybe(fc.nat(599)),
  rpcCode: maybe(fc.integer({ min: -40_000 })),
  resultBytes: fc.maxSafeNat(),
  durationUs: fc.nat(),
  upstreamUs: fc.nat(),
  chargesReleased: fc.boolean(),
  answerRuleId: maybe(text),
  removed: fc.array(fc.record({ pointer: text, ruleId: text, action: fc.constantFrom(...REMOVALS) }), { maxLength: 3 }),
  removedCount: fc.maxSafeNat(),
  marksLeft: fc.array(text, { maxLength: 2 }),
});

const caller: fc.Arbitrary<NotedCaller> = fc.record({
  identityId: id(), identityName: text, identityKind: fc.constantFrom('agent', 'human', 'service'), grantId: id(), tokenId: id(), serverId: id(), serverSlug: text,
  sourceIp: maybe(text), clientName: maybe(text),
});
const revision = number<NonNullable<DecidedRecord['revision']>>(fc.maxSafeNat());
const kind = <Kind extends Note['kind']>(name: Kind) => fc.constant(name);

/** Every kind of note there is: a kind that is missing here does not compile. */
const noteOf: { readonly [Kind in Note['kind']]: fc.Arbitrary<Extract<Note, { readonly kind: Kind }>> } = {
  workerStarted: fc.record({ kind: kind('workerStarted'), version: text }),
  workerStopped: fc.record({ kind: kind('workerStopped') }),
  freshnessChanged: fc.record({ kind: kind('freshnessChanged'), lost: maybe(fc.constantFrom('policy_stale', 'clock_skew')), stampAgeMs: maybe(fc.integer()), revision }),
  signInsRefused: fc.record({ kind: kind('signInsRefused'), sourceIp: maybe(text), reason: fc.constantFrom(...SIGN_IN_REFUSALS), tokenId: maybe(id()), identityId: maybe(id()), count: fc.maxSafeNat(), firstAt: instant(), lastAt: instant() }),
  signedIn: fc.record({ kind: kind('signedIn'), caller }),
  listServed: fc.record({ kind: kind('listServed'), caller, policyId: maybe(id()), policyVersion: maybe(fc.nat()), revision, protocolVersion: maybe(text), requestId: maybe(text), shown: fc.nat(), hidden: fc.nat() }),
  flowTainted: fc.record({ kind: kind('flowTainted'), caller, decisionId: id(), tool: text, mark: text, seconds: fc.nat() }),
  limitTripped: fc.record({ kind: kind('limitTripped'), caller, decisionId: id(), tool: text, ruleId: text, counter: text, windowStartMs: instant(), windowEndMs: instant(), units: text }),
  auditDegraded: fc.record({ kind: kind('auditDegraded'), reason: fc.constantFrom(...DEGRADATIONS), count: fc.maxSafeNat(), fullPercent: fc.nat(100) }),
};

const noted: fc.Arbitrary<NotedRecord> = fc.record({
  kind: fc.constant('noted' as const),
  eventId: id(),
  organisationId: maybe(id()),
  at: instant(),
  workerId: text,
  note: fc.oneof(...Object.values<fc.Arbitrary<Note>>(noteOf)),
});

const sequenced: fc.Arbitrary<SequencedRecord> = fc.record({
  incarnation: fc.uuid({ version: 7 }),
  localSeq: fc.maxSafeNat(),
  record: fc.oneof(decided, completed, noted),
});

describe('a decision record', () => {
  it('reads back from bytes as it was written', () => {
    fc.assert(fc.property(sequenced, (record) => void expect(decodeRecord(encodeRecord(record))).toEqual(record)));
  });

  it('reads back from JSON text as it was written', () => {
    fc.assert(fc.property(sequenced, (record) => void expect(recordFromJson(JSON.parse(JSON.stringify(recordToJson(record))))).toEqual(record)));
  });

  it('is refused when it is torn', () => {
    const [record] = fc.sample(sequenced, { numRuns: 1, seed: 1 });
    if (record === undefined) throw new Error('no sample');
    const bytes = encodeRecord(record);
    expect(() => decodeRecord(bytes.subarray(0, -1))).toThrow(expect.objectContaining({ code: 'wire.undecodable' }));
    expect(() => recordFromJson({ ...recordToJson(record), more: 1 })).toThrow(expect.objectContaining({ code: 'wire.undecodable' }));
  });
});
