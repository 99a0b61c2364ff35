import type { Charge, CompletedRecord, DecidedRecord } from '@sallyport/audit';

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
const MAX_CACHED = 10_000;

interface CallerText {
  readonly of: DecidedRecord;
  readonly text: string;
}

/**
 * Writes records as JSON text, several times as fast as `JSON.stringify`: the members are named once, in a fixed order, and what
 * is the same for every call of one token is kept ready. `decodeRecord` reads back exactly what was written.
 */
export class RecordEncoder {
  private readonly callers = new Map<string, CallerText>();

  decided(record: DecidedRecord): string {
    return (
      `{"kind":"decided","decisionId":${quoted(record.decisionId)},"at":${numeric(record.at)},"effect":"${record.effect}",` +
      `"outcome":${quoted(record.outcome)},"reasonCode":${quoted(record.reasonCode)},"ruleId":${quoted(record.ruleId)},` +
      `"method":${quoted(record.method)},"tool":${quoted(record.tool)},"definitionHash":${quoted(record.definitionHash)},` +
      `${this.caller(record)},"argumentKeys":${quotedList(record.argumentKeys)},"argumentsDigest":${quoted(record.argumentsDigest)},` +
      `"argumentsBytes":${numeric(record.argumentsBytes)},"charges":${chargeList(record.charges)},` +
      `"protocolVersion":${quoted(record.protocolVersion)},"sessionId":${quoted(record.sessionId)},` +
      `"clientName":${quoted(record.clientName)},"sourceIp":${quoted(record.sourceIp)},"requestId":${quoted(record.requestId)},` +
      `"durability":"${record.durability}"}`
    );
  }

  completed(record: CompletedRecord): string {
    return (
      `{"kind":"completed","decisionId":${quoted(record.decisionId)},"organisationId":${quoted(record.organisationId)},` +
      `"at":${numeric(record.at)},"outcome":"${record.outcome}","reasonCode":${quoted(record.reasonCode)},"status":"${record.status}",` +
      `"httpStatus":${numeric(record.httpStatus)},"rpcCode":${numeric(record.rpcCode)},"resultBytes":${numeric(record.resultBytes)},` +
      `"durationUs":${numeric(record.durationUs)},"upstreamUs":${numeric(record.upstreamUs)},` +
      `"chargesReleased":${String(record.chargesReleased)}}`
    );
  }

  private caller(record: DecidedRecord): string {
    const known = this.callers.get(record.tokenId);
    if (known !== undefined && isSameCaller(known.of, record)) return known.text;
    if (this.callers.size >= MAX_CACHED) this.callers.clear();
    const text = callerMembers(record);
    this.callers.set(record.tokenId, { of: record, text });
    return text;
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
    a.organisationId === b.organisationId
  );
}

function callerMembers(record: DecidedRecord): string {
  return (
    `"organisationId":${quoted(record.organisationId)},"serverId":${quoted(record.serverId)},"serverSlug":${quoted(record.serverSlug)},` +
    `"identityId":${quoted(record.identityId)},"grantId":${quoted(record.grantId)},"tokenId":${quoted(record.tokenId)},` +
    `"policyId":${quoted(record.policyId)},"policyVersion":${numeric(record.policyVersion)},"revision":${numeric(record.revision)}`
  );
}

function quoted(text: string | null): string {
  if (text === null) return 'null';
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A number that JSON cannot say becomes `null`, as with `JSON.stringify`: the text can always be read back. */
function numeric(value: number | null): string {
  return value === null || !Number.isFinite(value) ? 'null' : String(value);
}

function quotedList(texts: readonly string[]): string {
  let list = '';
  for (const text of texts) list += list === '' ? quoted(text) : `,${quoted(text)}`;
  return `[${list}]`;
}

function chargeList(charges: readonly Charge[]): string {
  let list = '';
  for (const { key, windowStartMs, windowEndMs, units } of charges) {
    list +=
      `${list === '' ? '' : ','}{"key":${quoted(key)},"windowStartMs":${numeric(windowStartMs)},` +
      `"windowEndMs":${numeric(windowEndMs)},"units":${quoted(units)}}`;
  }
  return `[${list}]`;
}
