import type { AuditEvent } from '@sallyport/audit-event';
import type { OutgoingEvent } from '@sallyport/sinks';

/** A value of an attribute, in the JSON form of OTLP: whole numbers are texts. */
export type OtlpValue = { readonly stringValue: string } | { readonly intValue: string };

/** One attribute. */
export interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

/** A log record in the JSON form of OTLP: nanoseconds as text, ids in hexadecimal digits. */
export interface OtlpRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  /** The event's own canonical text. */
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly OtlpAttribute[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName: string;
}

/** An audit event as a log record: its canonical text is the body, what is searched most stands beside it as attributes. */
export function otlpRecord({ stored, event }: OutgoingEvent): OtlpRecord {
  const { number, text } = SEVERITY[event.severity];
  const { trace_id: traceId, span_id: spanId } = event.trace ?? {};
  return {
    timeUnixNano: nanoseconds(event.time),
    observedTimeUnixNano: nanoseconds(event.observed_time),
    severityNumber: number,
    severityText: text,
    body: { stringValue: stored.line },
    attributes: attributesOf(event),
    ...(isHex(traceId, 32) ? { traceId } : {}),
    ...(isHex(spanId, 16) ? { spanId } : {}),
    eventName: `sallyport.${event.type}`,
  };
}

const SEVERITY = {
  1: { number: 9, text: 'INFO' },
  2: { number: 10, text: 'INFO2' },
  3: { number: 13, text: 'WARN' },
  4: { number: 17, text: 'ERROR' },
  5: { number: 21, text: 'FATAL' },
} as const;

function attributesOf(event: AuditEvent): readonly OtlpAttribute[] {
  const { mcp, response } = event;
  return [
    text('sallyport.event_id', event.event_id),
    text('sallyport.stream', event.stream),
    { key: 'sallyport.seq', value: { intValue: String(event.seq) } },
    text('sallyport.type', event.type),
    text('sallyport.outcome', event.outcome),
    text('sallyport.reason_code', event.decision?.reason_code),
    text('sallyport.identity_id', event.actor?.identity_id),
    text('sallyport.hash', event.integrity.hash),
    text('mcp.method.name', mcp?.method),
    text('mcp.protocol.version', mcp?.protocol_version),
    text('gen_ai.tool.name', mcp?.tool),
    text('jsonrpc.request.id', mcp?.request_id),
    text('error.type', response?.status === 'tool_error' ? 'tool_error' : undefined),
  ].filter((attribute) => attribute !== null);
}

function text(key: string, value: string | undefined): OtlpAttribute | null {
  return value === undefined ? null : { key, value: { stringValue: value } };
}

/** RFC 3339 with six decimals as nanoseconds, without a double between. */
function nanoseconds(time: string): string {
  return `${Math.floor(Date.parse(time) / 1_000)}${time.slice(20, 26)}000`;
}

function isHex(id: string | undefined, digits: number): id is string {
  return id !== undefined && id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);
}
