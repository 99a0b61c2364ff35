import type { Charge, CompletedRecord, DecidedRecord } from '@sallyport/audit';

import { numeric, quoted, quotedList, RepeatedNumber } from './json-text.js';

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
 * Writes records as JSON text in ASCII, several times as fast as `JSON.stringify`: the members are named once, in a fixed order, and
 * what is the same for every call of one token, and of one tool, is kept ready. `decodeRecord` reads back exactly what was written.
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
    return (
      `{"kind":"decided","decisionId":${quoted(record.decisionId)},"at":${this.at.textOf(record.at)},${this.caller(record)},${this.tool(record)},` +
      `"argumentsDigest":${quoted(record.argumentsDigest)},"argumentsBytes":${numeric(record.argumentsBytes)},` +
      `"charges":${this.charges(record.charges)},"sessionId":${quoted(record.sessionId)},"requestId":${quoted(record.requestId)}}`
    );
  }

  completed(record: CompletedRecord): string {
    return (
      `{"kind":"completed","decisionId":${quoted(record.decisionId)},"at":${this.at.textOf(record.at)},${this.end(record)},` +
      `"resultBytes":${numeric(record.resultBytes)},"durationUs":${numeric(record.durationUs)},"upstreamUs":${numeric(record.upstreamUs)}}`
    );
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
        `${list === '' ? '' : ','}{"key":${this.key(key)},"windowStartMs":${this.windowStart.textOf(windowStartMs)},` +
        `"windowEndMs":${this.windowEnd.textOf(windowEndMs)},"units":${quoted(units)}}`;
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
    a.durability === b.durability
  );
}

function callerMembers(record: DecidedRecord): string {
  return (
    `"organisationId":${quoted(record.organisationId)},"serverId":${quoted(record.serverId)},"serverSlug":${quoted(record.serverSlug)},` +
    `"identityId":${quoted(record.identityId)},"grantId":${quoted(record.grantId)},"tokenId":${quoted(record.tokenId)},` +
    `"policyId":${quoted(record.policyId)},"policyVersion":${numeric(record.policyVersion)},"revision":${numeric(record.revision)},` +
    `"protocolVersion":${quoted(record.protocolVersion)},"clientName":${quoted(record.clientName)},"sourceIp":${quoted(record.sourceIp)},` +
    `"durability":"${record.durability}"`
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
    `"tool":${quoted(record.tool)},"method":${quoted(record.method)},"ruleId":${quoted(record.ruleId)},"effect":"${record.effect}",` +
    `"outcome":${quoted(record.outcome)},"reasonCode":${quoted(record.reasonCode)},"definitionHash":${quoted(record.definitionHash)},` +
    `"argumentKeys":${quotedList(record.argumentKeys)}`
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
    `"organisationId":${quoted(record.organisationId)},"outcome":"${record.outcome}","reasonCode":${quoted(record.reasonCode)},` +
    `"status":"${record.status}","httpStatus":${numeric(record.httpStatus)},"rpcCode":${numeric(record.rpcCode)},"chargesReleased":${String(record.chargesReleased)}`
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
