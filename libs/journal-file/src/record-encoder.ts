import type { Charge, CompletedRecord, DecidedRecord, NotedRecord } from '@sallyport/audit';

import { asciiJson, numeric, quoted, quotedList, RepeatedNumber } from './json-text.js';
import { COMPLETED, COMPLETED_WITH_MARKS, COMPLETED_WITH_MORE, DECIDED, DECIDED_WITH_MORE, NOTED } from './record-form.js';

const MOST_CALLERS = 10_000;
const MOST_TOOLS = 10_000;
const MOST_KEYS = 10_000;

/** Text of an earlier record that the next one of the same caller, or of the same tool, repeats. */
interface Remembered {
  readonly of: DecidedRecord;
  readonly text: string;
}

interface RememberedEnd {
  readonly of: CompletedRecord;
  readonly text: string;
}

/**
 * Writes records as JSON text in ASCII: an array of the members' values in the order of `record-form.ts`, without their names. What is the
 * same for every call of one token, and of one tool, is kept ready. `decodeRecord` reads back exactly what was written.
 */
export class RecordEncoder {
  private readonly callers = new Map<string, Remembered>();
  private readonly tools = new Map<string | null, Remembered>();
  private readonly keys = new Map<string, string>();
  private lastEnd: RememberedEnd | null = null;
  private readonly at = new RepeatedNumber();
  private readonly windowStart = new RepeatedNumber();
  private readonly windowEnd = new RepeatedNumber();

  decided(record: DecidedRecord): string {
    const more = hasMoreDecided(record);
    return (
      `["${more ? DECIDED_WITH_MORE : DECIDED}",${quoted(record.decisionId)},${this.at.textOf(record.at)},${this.caller(record)},${this.tool(record)},` +
      `${quoted(record.argumentsDigest)},${numeric(record.argumentsBytes)},${this.charges(record.charges)},` +
      `${quoted(record.sessionId)},${quoted(record.requestId)},${numeric(record.policyAgeMs)}${more ? moreDecided(record) : ''}]`
    );
  }

  completed(record: CompletedRecord): string {
    const form = completedForm(record);
    return (
      `["${form}",${quoted(record.decisionId)},${this.at.textOf(record.at)},${this.end(record)},` +
      `${numeric(record.resultBytes)},${numeric(record.durationUs)},${numeric(record.upstreamUs)}${form === COMPLETED ? '' : moreCompleted(record)}]`
    );
  }

  noted({ eventId, at, organisationId, workerId, note }: NotedRecord): string {
    return `["${NOTED}",${quoted(eventId)},${numeric(at)},${quoted(organisationId)},${quoted(workerId)},${asciiJson(note)}]`;
  }

  private caller(record: DecidedRecord): string {
    const known = this.callers.get(record.tokenId);
    if (known !== undefined && isSameCaller(known.of, record)) return known.text;
    if (this.callers.size >= MOST_CALLERS) this.callers.clear();
    const text = callerMembers(record);
    this.callers.set(record.tokenId, { of: record, text });
    return text;
  }

  private tool(record: DecidedRecord): string {
    const known = this.tools.get(record.tool);
    if (known !== undefined && isSameTool(known.of, record)) return known.text;
    if (this.tools.size >= MOST_TOOLS) this.tools.clear();
    const text = toolMembers(record);
    this.tools.set(record.tool, { of: record, text });
    return text;
  }

  private end(record: CompletedRecord): string {
    if (this.lastEnd !== null && isSameEnd(this.lastEnd.of, record)) return this.lastEnd.text;
    const text = endMembers(record);
    this.lastEnd = { of: record, text };
    return text;
  }

  private key(key: string): string {
    const known = this.keys.get(key);
    if (known !== undefined) return known;
    if (this.keys.size >= MOST_KEYS) this.keys.clear();
    const text = quoted(key);
    this.keys.set(key, text);
    return text;
  }

  private charges(charges: readonly Charge[]): string {
    let list = '';
    for (const { key, windowStartMs, windowEndMs, units } of charges) {
      list +=
        `${list === '' ? '' : ','}[${this.key(key)},${this.windowStart.textOf(windowStartMs)},` +
        `${this.windowEnd.textOf(windowEndMs)},${quoted(units)}]`;
    }
    return `[${list}]`;
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

function callerMembers(record: DecidedRecord): string {
  return (
    `${quoted(record.organisationId)},${quoted(record.serverId)},${quoted(record.serverSlug)},${quoted(record.identityId)},` +
    `${quoted(record.grantId)},${quoted(record.tokenId)},${quoted(record.policyId)},${numeric(record.policyVersion)},${numeric(record.revision)},` +
    `${quoted(record.protocolVersion)},${quoted(record.clientName)},${quoted(record.sourceIp)},${quoted(record.durability)},${quoted(record.gatewayVersion)}`
  );
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

function toolMembers(record: DecidedRecord): string {
  return (
    `${quoted(record.tool)},${quoted(record.method)},${quoted(record.ruleId)},${quoted(record.effect)},${quoted(record.outcome)},` +
    `${quoted(record.reasonCode)},${quoted(record.definitionHash)},${quotedList(record.argumentKeys)}`
  );
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

function endMembers(record: CompletedRecord): string {
  return (
    `${quoted(record.organisationId)},${quoted(record.outcome)},${quoted(record.reasonCode)},${quoted(record.status)},` +
    `${numeric(record.httpStatus)},${numeric(record.rpcCode)},${String(record.chargesReleased)}`
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

function hasMoreDecided({ approvals, sealedArguments, shadows, marksBefore }: DecidedRecord): boolean {
  return approvals.length > 0 || sealedArguments !== null || shadows.length > 0 || marksBefore.length > 0;
}

function moreDecided({ approvals, sealedArguments, shadows, marksBefore }: DecidedRecord): string {
  return `,${asciiJson(approvals)},${quoted(sealedArguments)},${asciiJson(shadows)},${quotedList(marksBefore)}`;
}

function completedForm({ answerRuleId, removed, removedCount, marksLeft }: CompletedRecord): string {
  if (marksLeft.length > 0) return COMPLETED_WITH_MARKS;
  return answerRuleId !== null || removed.length > 0 || removedCount > 0 ? COMPLETED_WITH_MORE : COMPLETED;
}

function moreCompleted({ answerRuleId, removed, removedCount, marksLeft }: CompletedRecord): string {
  return `,${quoted(answerRuleId)},${asciiJson(removed)},${numeric(removedCount)}${marksLeft.length > 0 ? `,${quotedList(marksLeft)}` : ''}`;
}
