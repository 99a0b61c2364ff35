import type { Charge, CompletedRecord, DecidedRecord, NotedRecord } from '@sallyport/audit';

import { JsonBytes, RepeatedNumber } from './json-bytes.js';
import { COMPLETED, COMPLETED_WITH_MARKS, COMPLETED_WITH_MORE, DECIDED, DECIDED_WITH_MORE, NOTED } from './record-form.js';

const MOST_CALLERS = 10_000;
const MOST_TOOLS = 10_000;
const MOST_KEYS = 10_000;

/** Part of an earlier record that the next one of the same caller, or of the same tool, repeats. */
interface Remembered {
  readonly of: DecidedRecord;
  readonly bytes: Uint8Array;
}

interface RememberedEnd {
  readonly of: CompletedRecord;
  readonly bytes: Uint8Array;
}

/**
 * Writes records as JSON in ASCII: an array of the members' values in the order of `record-form.ts`, without their names. What is the
 * same for every call of one token, and of one tool, is kept ready. `decodeRecord` reads back exactly what was written.
 *
 * What a method returns is good until the next is called.
 */
export class RecordEncoder {
  private readonly out = new JsonBytes();
  private readonly callers = new Map<string, Remembered>();
  private readonly tools = new Map<string | null, Remembered>();
  private readonly keys = new Map<string, Uint8Array>();
  private lastEnd: RememberedEnd | null = null;
  private readonly at = new RepeatedNumber();
  private readonly windowStart = new RepeatedNumber();
  private readonly windowEnd = new RepeatedNumber();

  decided(record: DecidedRecord): Uint8Array {
    const { out } = this;
    const more = hasMoreDecided(record);
    this.begin(more ? DECIDED_WITH_MORE : DECIDED);
    out.string(record.decisionId);
    out.text(this.at.textOf(record.at));
    this.caller(record);
    this.tool(record);
    out.string(record.argumentsDigest);
    out.number(record.argumentsBytes);
    this.charges(record.charges);
    out.string(record.sessionId);
    out.string(record.requestId);
    out.number(record.policyAgeMs);
    if (more) moreDecided(out, record);
    return this.whole();
  }

  completed(record: CompletedRecord): Uint8Array {
    const { out } = this;
    const form = completedForm(record);
    this.begin(form);
    out.string(record.decisionId);
    out.text(this.at.textOf(record.at));
    this.end(record);
    out.number(record.resultBytes);
    out.number(record.durationUs);
    out.number(record.upstreamUs);
    if (form !== COMPLETED) moreCompleted(out, record);
    return this.whole();
  }

  noted({ eventId, at, organisationId, workerId, note }: NotedRecord): Uint8Array {
    const { out } = this;
    this.begin(NOTED);
    out.string(eventId);
    out.number(at);
    out.string(organisationId);
    out.string(workerId);
    out.json(note);
    return this.whole();
  }

  private begin(form: string): void {
    this.out.begin();
    this.out.open();
    this.out.string(form);
  }

  private whole(): Uint8Array {
    this.out.close();
    return this.out.view();
  }

  private caller(record: DecidedRecord): void {
    const known = this.callers.get(record.tokenId);
    if (known !== undefined && isSameCaller(known.of, record)) return this.out.piece(known.bytes);
    if (this.callers.size >= MOST_CALLERS) this.callers.clear();
    const start = this.out.length;
    callerMembers(this.out, record);
    this.callers.set(record.tokenId, { of: record, bytes: this.out.since(start) });
  }

  private tool(record: DecidedRecord): void {
    const known = this.tools.get(record.tool);
    if (known !== undefined && isSameTool(known.of, record)) return this.out.piece(known.bytes);
    if (this.tools.size >= MOST_TOOLS) this.tools.clear();
    const start = this.out.length;
    toolMembers(this.out, record);
    this.tools.set(record.tool, { of: record, bytes: this.out.since(start) });
  }

  private end(record: CompletedRecord): void {
    if (this.lastEnd !== null && isSameEnd(this.lastEnd.of, record)) return this.out.piece(this.lastEnd.bytes);
    const start = this.out.length;
    endMembers(this.out, record);
    this.lastEnd = { of: record, bytes: this.out.since(start) };
  }

  private key(key: string): void {
    const known = this.keys.get(key);
    if (known !== undefined) return this.out.piece(known);
    if (this.keys.size >= MOST_KEYS) this.keys.clear();
    const start = this.out.length;
    this.out.string(key);
    this.keys.set(key, this.out.since(start));
  }

  private charges(charges: readonly Charge[]): void {
    const { out } = this;
    out.open();
    for (const { key, windowStartMs, windowEndMs, units } of charges) {
      out.open();
      this.key(key);
      out.text(this.windowStart.textOf(windowStartMs));
      out.text(this.windowEnd.textOf(windowEndMs));
      out.string(units);
      out.close();
    }
    out.close();
  }
}

function isSameCaller(a: DecidedRecord, b: DecidedRecord): boolean {
  return (
    a.tokenId === b.tokenId &&
    a.revision === b.revision &&
    a.policyId === b.policyId &&
    a.policyVersion === b.policyVersion &&
    a.grantId === b.grantId &&
    a.serverId === b.serverId &&
    a.serverSlug === b.serverSlug &&
    a.identityId === b.identityId &&
    a.organisationId === b.organisationId &&
    a.protocolVersion === b.protocolVersion &&
    a.clientName === b.clientName &&
    a.sourceIp === b.sourceIp &&
    a.durability === b.durability &&
    a.gatewayVersion === b.gatewayVersion
  );
}

function callerMembers(out: JsonBytes, record: DecidedRecord): void {
  for (const text of [record.organisationId, record.serverId, record.serverSlug, record.identityId, record.grantId, record.tokenId, record.policyId]) out.string(text);
  out.number(record.policyVersion);
  out.number(record.revision);
  for (const text of [record.protocolVersion, record.clientName, record.sourceIp, record.durability, record.gatewayVersion]) out.string(text);
}

function isSameTool(a: DecidedRecord, b: DecidedRecord): boolean {
  return (
    a.tool === b.tool &&
    a.method === b.method &&
    a.ruleId === b.ruleId &&
    a.effect === b.effect &&
    a.outcome === b.outcome &&
    a.reasonCode === b.reasonCode &&
    a.definitionHash === b.definitionHash &&
    isSameList(a.argumentKeys, b.argumentKeys)
  );
}

function toolMembers(out: JsonBytes, record: DecidedRecord): void {
  for (const text of [record.tool, record.method, record.ruleId, record.effect, record.outcome, record.reasonCode, record.definitionHash]) out.string(text);
  out.strings(record.argumentKeys);
}

function isSameEnd(a: CompletedRecord, b: CompletedRecord): boolean {
  return (
    a.organisationId === b.organisationId &&
    a.outcome === b.outcome &&
    a.reasonCode === b.reasonCode &&
    a.status === b.status &&
    a.httpStatus === b.httpStatus &&
    a.rpcCode === b.rpcCode &&
    a.chargesReleased === b.chargesReleased
  );
}

function endMembers(out: JsonBytes, record: CompletedRecord): void {
  for (const text of [record.organisationId, record.outcome, record.reasonCode, record.status]) out.string(text);
  out.number(record.httpStatus);
  out.number(record.rpcCode);
  out.text(String(record.chargesReleased));
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

function hasMoreDecided({ approvals, sealedArguments, shadows, marksBefore }: DecidedRecord): boolean {
  return approvals.length > 0 || sealedArguments !== null || shadows.length > 0 || marksBefore.length > 0;
}

function moreDecided(out: JsonBytes, { approvals, sealedArguments, shadows, marksBefore }: DecidedRecord): void {
  out.json(approvals);
  out.string(sealedArguments);
  out.json(shadows);
  out.strings(marksBefore);
}

function completedForm({ answerRuleId, removed, removedCount, marksLeft }: CompletedRecord): string {
  if (marksLeft.length > 0) return COMPLETED_WITH_MARKS;
  return answerRuleId !== null || removed.length > 0 || removedCount > 0 ? COMPLETED_WITH_MORE : COMPLETED;
}

function moreCompleted(out: JsonBytes, { answerRuleId, removed, removedCount, marksLeft }: CompletedRecord): void {
  out.string(answerRuleId);
  out.json(removed);
  out.number(removedCount);
  if (marksLeft.length > 0) out.strings(marksLeft);
}
