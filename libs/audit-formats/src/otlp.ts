import type { AuditEvent, StoredEvent } from '@sallyport/audit-event';
import { type JsonObject, type JsonValue, refuse, type Result } from '@sallyport/kernel';

import { type DecodedEvent, type FormatProblem, jsonObjectOf, valueAt, wholeEvent } from './decoded-event.js';
import { eventName, reasonOf, unixNanoOf } from './event-words.js';

/** An attribute in the JSON encoding of OTLP: whole numbers are texts. */
export interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

/** A log record with what it hangs on; the parts of one `ResourceLogs`. */
export interface OtlpLog {
  readonly resource: { readonly attributes: readonly OtlpAttribute[] };
  readonly scope: { readonly name: string; readonly version: string };
  readonly logRecord: {
    readonly timeUnixNano: string;
    readonly observedTimeUnixNano: string;
    readonly severityNumber: number;
    readonly severityText: string;
    readonly eventName: string;
    /** The event's own canonical text. */
    readonly body: { readonly stringValue: string };
    readonly attributes: readonly OtlpAttribute[];
    readonly traceId?: string;
    readonly spanId?: string;
  };
}

/** The event as a log record of OpenTelemetry, in the JSON encoding of OTLP 1: its canonical text is the body, what is searched most stands beside it. */
export function renderOtlp(event: AuditEvent, stored: StoredEvent): OtlpLog {
  const [severityNumber, severityText] = SEVERITY[event.severity];
  return {
    resource: { attributes: attributes(resourceDraft(event)) },
    scope: { name: 'sallyport.audit', version: '1' },
    logRecord: {
      timeUnixNano: unixNanoOf(event.time),
      observedTimeUnixNano: unixNanoOf(event.observed_time),
      severityNumber,
      severityText,
      eventName: `sallyport.${event.type}`,
      body: { stringValue: stored.line },
      attributes: attributes({ ...callDraft(event), ...sallyportDraft(event) }),
      ...traceIds(event),
    },
  };
}

/** One line: an `ExportLogsServiceRequest` with this record alone, as OpenTelemetry's file format has it. */
export function renderOtlpLine(event: AuditEvent, stored: StoredEvent): string {
  const { resource, scope, logRecord } = renderOtlp(event, stored);
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [logRecord] }] }] });
}

/** The event of a line that `renderOtlpLine` wrote. */
export function decodeOtlp(text: string): Result<DecodedEvent, FormatProblem> {
  const record: JsonValue | undefined = valueAt(jsonObjectOf(text), 'resourceLogs', 0, 'scopeLogs', 0, 'logRecords', 0);
  return record === undefined ? refuse({ message: 'The text has no OTLP log record.' }) : wholeEvent(valueAt(record as JsonObject, 'body', 'stringValue'));
}

type Draft = Readonly<Record<string, string | number | undefined>>;

function resourceDraft({ gateway, organisation_id: organisation, stream }: AuditEvent): Draft {
  return {
    'service.name': 'sallyport',
    'service.instance.id': gateway?.instance_id,
    'service.version': gateway?.version,
    'cloud.region': gateway?.region,
    'sallyport.organisation_id': organisation,
    'sallyport.stream': stream,
  };
}

/** The semantic conventions' names, for what they name. */
function callDraft({ mcp, source, server, client, response, actor }: AuditEvent): Draft {
  return {
    'mcp.method.name': mcp?.method,
    'mcp.protocol.version': mcp?.protocol_version,
    'mcp.session.id': mcp?.flow_id,
    'gen_ai.operation.name': mcp?.tool === undefined ? undefined : 'execute_tool',
    'gen_ai.tool.name': mcp?.tool,
    'jsonrpc.request.id': mcp?.request_id,
    'rpc.jsonrpc.error_code': response?.rpc_code === undefined || !Number.isInteger(response.rpc_code) ? undefined : response.rpc_code,
    'http.response.status_code': response?.http_status,
    'error.type': response === undefined || response.status === 'ok' ? undefined : response.status,
    'client.address': source?.ip,
    'client.port': source?.port,
    'server.address': server?.host,
    'user_agent.original': client?.user_agent,
    'user.id': actor?.identity_id,
    'user.name': actor?.name,
  };
}

function sallyportDraft(event: AuditEvent): Draft {
  const { decision, actor, server, admin } = event;
  return {
    'sallyport.event_id': event.event_id,
    'sallyport.seq': event.seq,
    'sallyport.type': event.type,
    'sallyport.name': eventName(event),
    'sallyport.outcome': event.outcome,
    'sallyport.reason_code': reasonOf(event),
    'sallyport.actor.kind': actor?.kind,
    'sallyport.server.id': server?.id,
    'sallyport.server.alias': server?.alias,
    'sallyport.decision_id': decision?.decision_id,
    'sallyport.grant_id': decision?.grant_id,
    'sallyport.policy_id': decision?.policy_id,
    'sallyport.policy_version': decision?.policy_version,
    'sallyport.rule_ids': decision?.rule_ids?.join(','),
    'sallyport.object': admin === undefined ? undefined : `${admin.object_type}/${admin.object_id}`,
    'sallyport.hash': event.integrity.hash,
  };
}

function attributes(draft: Draft): readonly OtlpAttribute[] {
  return Object.entries(draft).flatMap(([key, value]): readonly OtlpAttribute[] => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });
}

/** Only ids in the form of W3C trace context: a receiver refuses the whole batch for another. */
function traceIds({ trace }: AuditEvent): { readonly traceId?: string; readonly spanId?: string } {
  const { trace_id: traceId, span_id: spanId } = trace ?? {};
  return { ...(isId(traceId, 32) ? { traceId } : {}), ...(isId(spanId, 16) ? { spanId } : {}) };
}

function isId(id: string | undefined, digits: number): id is string {
  return id !== undefined && id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);
}

const SEVERITY = { 1: [9, 'INFO'], 2: [10, 'INFO2'], 3: [13, 'WARN'], 4: [17, 'ERROR'], 5: [21, 'FATAL'] } as const;
