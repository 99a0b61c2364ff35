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
    out.begin();
    out.ascii(more ? DECIDED_OPENING_MORE : DECIDED_OPENING);
    out.quoted(record.decisionId);
    out.comma();
    out.ascii(this.at.textOf(record.at));
    out.comma();
    this.caller(record);
    out.comma();
    this.tool(record);
    out.comma();
    out.quoted(record.argumentsDigest);
    out.comma();
    out.numeric(record.argumentsBytes);
    this.charges(record.charges);
    out.quoted(record.sessionId);
    out.comma();
    out.quoted(record.requestId);
    out.comma();
    out.numeric(record.policyAgeMs);
    if (more) moreDecided(out, record);
    out.ascii(']');
    return out.view();
  }

  completed(record: CompletedRecord): Uint8Array {
    const { out } = this;
    const form = completedForm(record);
    out.begin();
    out.ascii(form === COMPLETED ? COMPLETED_OPENING : opening(form));
    out.quoted(record.decisionId);
    out.comma();
    out.ascii(this.at.textOf(record.at));
    out.comma();
    this.end(record);
    out.comma();
    out.numeric(record.resultBytes);
    out.comma();
    out.numeric(record.durationUs);
    out.comma();
    out.numeric(record.upstreamUs);
    if (form !== COMPLETED) moreCompleted(out, record);
    out.ascii(']');
    return out.view();
  }

  noted({ eventId, at, organisationId, workerId, note }: NotedRecord): Uint8Array {
    const { out } = this;
    out.begin();
    out.ascii(opening(NOTED));
    out.quoted(eventId);
    out.comma();
    out.numeric(at);
    out.comma();
    out.quoted(organisationId);
    out.comma();
    out.quoted(workerId);
    out.comma();
    out.json(note);
    out.ascii(']');
    return out.view();
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
    this.out.quoted(key);
    this.keys.set(key, this.out.since(start));
  }

  /** The list, with the commas on both its sides. */
  private charges(charges: readonly Charge[]): void {
    const { out } = this;
    let before = ',[[';
    for (const { key, windowStartMs, windowEndMs, units } of charges) {
      out.ascii(before);
      this.key(key);
      out.comma();
      out.ascii(this.windowStart.textOf(windowStartMs));
      out.comma();
      out.ascii(this.windowEnd.textOf(windowEndMs));
      out.comma();
      out.quoted(units);
      before = '],[';
    }
    out.ascii(charges.length === 0 ? ',[],' : ']],');
  }
}

const DECIDED_OPENING = opening(DECIDED);
const DECIDED_OPENING_MORE = opening(DECIDED_WITH_MORE);
const COMPLETED_OPENING = opening(COMPLETED);

function opening(form: string): string {
  return `["${form}",`;
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
  for (const text of [record.organisationId, record.serverId, record.serverSlug, record.identityId, record.grantId, record.tokenId, record.policyId]) {
    out.quoted(text);
    out.comma();
  }
  out.numeric(record.policyVersion);
  out.comma();
  out.numeric(record.revision);
  for (const text of [record.protocolVersion, record.clientName, record.sourceIp, record.durability, record.gatewayVersion]) {
    out.comma();
    out.quoted(text);
  }
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
  for (const text of [record.tool, record.method, record.ruleId, record.effect, record.outcome, record.reasonCode, record.definitionHash]) {
    out.quoted(text);
    out.comma();
  }
  out.quotedList(record.argumentKeys);
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
  for (const text of [record.organisationId, record.outcome, record.reasonCode, record.status]) {
    out.quoted(text);
    out.comma();
  }
  out.numeric(record.httpStatus);
  out.comma();
  out.numeric(record.rpcCode);
  out.comma();
  out.ascii(String(record.chargesReleased));
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
  out.comma();
  out.json(approvals);
  out.comma();
  out.quoted(sealedArguments);
  out.comma();
  out.json(shadows);
  out.comma();
  out.quotedList(marksBefore);
}

function completedForm({ answerRuleId, removed, removedCount, marksLeft }: CompletedRecord): string {
  if (marksLeft.length > 0) return COMPLETED_WITH_MARKS;
  return answerRuleId !== null || removed.length > 0 || removedCount > 0 ? COMPLETED_WITH_MORE : COMPLETED;
}

function moreCompleted(out: JsonBytes, { answerRuleId, removed, removedCount, marksLeft }: CompletedRecord): void {
  out.comma();
  out.quoted(answerRuleId);
  out.comma();
  out.json(removed);
  out.comma();
  out.numeric(removedCount);
  if (marksLeft.length === 0) return;
  out.comma();
  out.quotedList(marksLeft);
}
