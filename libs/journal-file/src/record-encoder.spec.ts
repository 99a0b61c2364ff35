import type { Charge, CompletedRecord, DecidedRecord, NotedRecord } from '@sallyport/audit';
import { DISAGREEMENTS, OUTCOMES, REASON_CODES, REMOVALS, RESPONSE_STATUSES } from '@sallyport/audit';
import { aCompleted, aDecided, aNoted, aNotedCaller } from '@sallyport/audit/testing';
import { branded } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeRecord } from './decode-record.js';
import { RecordEncoder } from './record-encoder.js';

const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '"', '\\', '\u0000', '\ud800', 'a\udc00b', '\u2028', '\u007f', '\uffff', '𝄞', '","kind":"completed', '__proto__'),
);
const oddId = odd.map((text) => branded<DecidedRecord['decisionId']>(text));
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const time = fc.double({ min: 0.001, max: 4e12, noNaN: true }).map((ms) => branded<DecidedRecord['at']>(ms));
const orNull = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null });
const charge: fc.Arbitrary<Charge> = fc.record({ key: odd, windowStartMs: time, windowEndMs: time, units: odd });

const decided: fc.Arbitrary<DecidedRecord> = fc
  .record({
    decisionId: oddId, at: time, tool: orNull(odd), ruleId: orNull(odd), method: orNull(odd), serverSlug: odd,
    effect: fc.constantFrom('allow' as const, 'deny' as const),
    outcome: orNull(fc.constantFrom('denied' as const, 'limited' as const, 'approval_required' as const)),
    reasonCode: orNull(fc.constantFrom(...REASON_CODES)), policyVersion: orNull(count), argumentKeys: fc.array(odd), argumentsBytes: count,
    charges: fc.array(charge, { maxLength: 4 }), protocolVersion: orNull(odd), sessionId: orNull(odd), clientName: orNull(odd),
    sourceIp: orNull(odd), requestId: orNull(odd), durability: fc.constantFrom('process' as const, 'disk' as const, 'bus' as const),
    approvals: fc.array(fc.record({ ruleId: odd, approvers: fc.array(odd, { maxLength: 2 }), quorum: count, expiresInSeconds: count, holdSeconds: count, message: odd }), { maxLength: 2 }),
    sealedArguments: orNull(odd),
    shadows: fc.array(fc.record({ policyVersion: count, relation: fc.constantFrom(...DISAGREEMENTS), effect: fc.constantFrom('allow' as const, 'deny' as const), ruleId: odd, reasonCode: orNull(fc.constantFrom(...REASON_CODES)) }), { maxLength: 1 }),
    gatewayVersion: orNull(odd), policyAgeMs: orNull(count), marksBefore: fc.array(odd, { maxLength: 2 }),
  })
  .map((over) => aDecided(1, over));

const completed: fc.Arbitrary<CompletedRecord> = fc
  .record({
    decisionId: oddId, at: time, outcome: fc.constantFrom(...OUTCOMES), reasonCode: orNull(fc.constantFrom(...REASON_CODES)),
    status: fc.constantFrom(...RESPONSE_STATUSES), httpStatus: orNull(count), rpcCode: orNull(fc.integer({ max: -1 })), resultBytes: count,
    durationUs: count, upstreamUs: count, chargesReleased: fc.boolean(),
    answerRuleId: orNull(odd), removed: fc.array(fc.record({ pointer: odd, ruleId: odd, action: fc.constantFrom(...REMOVALS) }), { maxLength: 3 }), removedCount: count,
    marksLeft: fc.array(odd, { maxLength: 2 }),
  })
  .map((over) => aCompleted(1, over));

const noted: fc.Arbitrary<NotedRecord> = fc
  .record({ workerId: odd, at: time, tool: odd, mark: odd, clientName: orNull(odd), seconds: count })
  .map(({ workerId, at, tool, mark, clientName, seconds }) =>
    aNoted(1, { workerId, at, note: { kind: 'flowTainted', caller: aNotedCaller({ clientName }), decisionId: aDecided(1).decisionId, tool, mark, seconds } }),
  );

describe('record encoder', () => {
  const bytes = new RecordEncoder();
  const textOf = (encoded: Uint8Array): string => Buffer.from(encoded).toString('utf8');
  const encoder = {
    decided: (record: DecidedRecord): string => textOf(bytes.decided(record)),
    completed: (record: CompletedRecord): string => textOf(bytes.completed(record)),
    noted: (record: NotedRecord): string => textOf(bytes.noted(record)),
  };

  it('writes decisions that read back as they were, whatever their strings hold', () => {
    fc.assert(fc.property(decided, (record) => {
      expect(decodeRecord(encoder.decided(record))).toEqual(record);
    }), { numRuns: 1_000 });
  });

  it('writes completions that read back as they were', () => {
    fc.assert(fc.property(completed, (record) => {
      expect(decodeRecord(encoder.completed(record))).toEqual(record);
    }), { numRuns: 1_000 });
  });

  it('writes notes that read back as they were', () => {
    fc.assert(fc.property(noted, (record) => {
      expect(decodeRecord(encoder.noted(record))).toEqual(record);
    }), { numRuns: 1_000 });
  });

  it('writes notes in a form that does not change', () => {
    expect(encoder.noted(aNoted(1, { organisationId: null, note: { kind: 'workerStarted', version: '1.0\u2028' } }))).toBe(
      '["n1","0199c2a0-7b00-7000-8000-000000100001",1760000000001,null,"worker-1",{"kind":"workerStarted","version":"1.0\\u2028"}]',
    );
  });

  it('reads notes that were written in the form of the first day', () => {
    const text =
      '["n1","0199c2a0-7b00-7000-8000-000000100001",1760000000001,"0199c2a0-7b00-7000-8000-0000000000a1","worker-1",{"kind":"signInsRefused","sourceIp":"192.0.2.9","reason":"expired","tokenId":null,"identityId":null,"count":3,"firstAt":1760000000000,"lastAt":1760000000001}]';
    const record = aNoted(1, { note: { kind: 'signInsRefused', sourceIp: '192.0.2.9', reason: 'expired', tokenId: null, identityId: null, count: 3, firstAt: branded(1_760_000_000_000), lastAt: branded(1_760_000_000_001) } });
    expect(decodeRecord(text)).toEqual(record);
    expect(encoder.noted(record)).toBe(text);
  });

  it('writes ASCII alone, whatever strings hold', () => {
    fc.assert(fc.property(decided, completed, noted, (begun, ended, note) => {
      for (const text of [encoder.decided(begun), encoder.completed(ended), encoder.noted(note)]) expect(text).toMatch(/^[\x00-\x7f]*$/);
    }), { numRuns: 300 });
  });

  it('writes a very long record whole, keeps nothing of its room, and the next one as ever', () => {
    const long = aDecided(1, { sealedArguments: 'x'.repeat(3_000_000) });
    expect(decodeRecord(encoder.decided(long))).toEqual(long);
    expect(bytes.decided(aDecided(1)).buffer.byteLength).toBeLessThan(10_000);
    expect(decodeRecord(encoder.decided(aDecided(1)))).toEqual(aDecided(1));
  });

  it('leaves no member out', () => {
    expect(Object.keys(decodeRecord(encoder.decided(aDecided(1))) ?? {}).sort()).toEqual(Object.keys(aDecided(1)).sort());
    expect(Object.keys(decodeRecord(encoder.completed(aCompleted(1))) ?? {}).sort()).toEqual(Object.keys(aCompleted(1)).sort());
    expect(Object.keys(decodeRecord(encoder.noted(aNoted(1))) ?? {}).sort()).toEqual(Object.keys(aNoted(1)).sort());
  });

  it('reads journals whose records still name their members, and those from before some members were there', () => {
    for (const record of [aDecided(1), aCompleted(1)]) expect(decodeRecord(JSON.stringify(record))).toEqual(record);
    const { approvals: _a, sealedArguments: _s, shadows: _d, gatewayVersion: _v, policyAgeMs: _p, marksBefore: _b, ...early } = aDecided(1);
    expect(decodeRecord(JSON.stringify(early))).toEqual(aDecided(1, { gatewayVersion: null, policyAgeMs: null }));
    const { marksLeft: _m, ...earlyEnd } = aCompleted(1);
    expect(decodeRecord(JSON.stringify(earlyEnd))).toEqual(aCompleted(1));
  });

  it('reads what was written in the forms from before a decision said what the worker ran', () => {
    const early = (form: string, more = ''): string =>
      `["${form}","0199c2a0-7b00-7000-8000-000000000001",1760000000001,"0199c2a0-7b00-7000-8000-0000000000a1","0199c2a0-7b00-7000-8000-0000000000a2","time-tracker",` +
      '"0199c2a0-7b00-7000-8000-0000000000a3","0199c2a0-7b00-7000-8000-0000000000a4","0199c2a0-7b00-7000-8000-0000000000a5","0199c2a0-7b00-7000-8000-0000000000a6",7,1234,' +
      '"2025-11-25","an-agent/1.4","192.0.2.17","process","stop_timer","tools/call","/tools/stop_timer","allow",null,null,' +
      `"${'ab'.repeat(32)}",["workspaceId","timeEntryId"],"${'cd'.repeat(32)}",118,[["o/p/stop_timer_rate/g",1759999980000,1760000040000,"1"]],` +
      `"e3f1c1d2-5a3e-4c3b-9d0a-2f6f5a9f1b11","42"${more}]`;
    const unsaid = { gatewayVersion: null, policyAgeMs: null, marksBefore: [] };
    expect(decodeRecord(early('d1'))).toEqual(aDecided(1, unsaid));
    expect(decodeRecord(early('d2', ',[],"sealed",[]'))).toEqual(aDecided(1, { ...unsaid, sealedArguments: 'sealed' }));
    const ended = '"0199c2a0-7b00-7000-8000-000000000001",1760000000041,"0199c2a0-7b00-7000-8000-0000000000a1","allowed",null,"ok",200,null,false,2048,41250,40900';
    expect(decodeRecord(`["c1",${ended}]`)).toEqual(aCompleted(1));
    expect(decodeRecord(`["c2",${ended},"/tools/t/response/deny_if/0",[],1]`)).toEqual(aCompleted(1, { answerRuleId: '/tools/t/response/deny_if/0', removedCount: 1 }));
  });

  it('writes what says no more in the short form, which does not change', () => {
    expect(encoder.decided(aDecided(1))).toMatch(/^\["d3",.*,"process","0\.1\.0",.*,"42",250\]$/);
    expect(encoder.completed(aCompleted(1))).toMatch(/^\["c1",/);
    expect(encoder.decided(aDecided(1, { sealedArguments: 'x' }))).toMatch(/^\["d4",.*,250,\[\],"x",\[\],\[\]\]$/);
    expect(encoder.decided(aDecided(1, { marksBefore: ['a', 'b'] }))).toMatch(/^\["d4",.*,250,\[\],null,\[\],\["a","b"\]\]$/);
    expect(encoder.completed(aCompleted(1, { removedCount: 2 }))).toMatch(/^\["c2",.*,null,\[\],2\]$/);
    expect(encoder.completed(aCompleted(1, { marksLeft: ['a'] }))).toMatch(/^\["c3",.*,null,\[\],0,\["a"\]\]$/);
  });

  it('never gives one call what belongs to the last call of the same token', () => {
    const changes: Partial<DecidedRecord>[] = [
      { organisationId: branded('o') }, { serverId: branded('s') }, { serverSlug: 'slug' }, { identityId: branded('i') },
      { grantId: branded('g') }, { tokenId: branded('t') }, { policyId: null }, { policyVersion: 8 }, { revision: branded(1235) },
      { protocolVersion: '2025-11-25' }, { clientName: 'other' }, { sourceIp: '::1' }, { durability: 'process' }, { gatewayVersion: '0.2.0' }, { policyAgeMs: 251 }, { policyAgeMs: null },
    ];
    for (const change of changes) {
      encoder.decided(aDecided(1));
      expect(decodeRecord(encoder.decided(aDecided(1, change)))).toEqual(aDecided(1, change));
    }
  });

  it('never gives one call what belongs to the last call of the same tool, nor a time that has passed', () => {
    const changes: Partial<DecidedRecord>[] = [
      { method: 'other' }, { ruleId: 'other' }, { effect: 'deny' }, { outcome: 'denied' }, { reasonCode: 'hidden' }, { definitionHash: null }, { tool: null },
      { argumentKeys: ['other'] }, { argumentKeys: [] }, { argumentKeys: ['a', 'b', 'c', 'd'] }, { at: branded(1) },
      { charges: [{ key: 'k', windowStartMs: branded(1), windowEndMs: branded(2), units: '1' }] },
      { charges: [{ key: 'k', windowStartMs: branded(3), windowEndMs: branded(4), units: '1' }] },
    ];
    for (const change of changes) {
      encoder.decided(aDecided(1));
      expect(decodeRecord(encoder.decided(aDecided(1, change)))).toEqual(aDecided(1, change));
    }
  });

  it('never gives one call the end of another', () => {
    const changes: Partial<CompletedRecord>[] = [
      { organisationId: branded('o') }, { outcome: 'error' }, { reasonCode: 'hidden' }, { status: 'timeout' }, { httpStatus: null }, { rpcCode: -1 },
      { chargesReleased: true }, { resultBytes: 1 }, { durationUs: 2 }, { upstreamUs: 3 }, { at: branded(4) },
    ];
    for (const change of changes) {
      encoder.completed(aCompleted(1));
      expect(decodeRecord(encoder.completed(aCompleted(1, change)))).toEqual(aCompleted(1, change));
    }
  });

  it('writes a number that JSON cannot say as null, so that the record stays readable', () => {
    expect(decodeRecord(encoder.completed(aCompleted(1, { durationUs: Number.NaN })))).toMatchObject({ durationUs: null });
  });

  it('reads nothing out of other text', () => {
    for (const text of ['', '{', 'null', '[]', '{"kind":"decided"}', '{"kind":"other","decisionId":"x"}', '["d9"]', '["x","d1"]']) expect(decodeRecord(text)).toBeNull();
  });
});
