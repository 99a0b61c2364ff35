import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { renderOtlp, type OtlpAttribute, type OtlpLog } from '@sallyport/audit-formats';
import type { OutgoingEvent } from '@sallyport/sinks';

type LogRecord = OtlpLog['logRecord'];

/** Records that stand after each other and come from one resource. */
interface ResourceLogs extends Pick<OtlpLog, 'resource' | 'scope'> {
  readonly records: readonly LogRecord[];
}

/** An export request of events in the JSON form of OTLP; their order stays. */
export function otlpJson(events: readonly OutgoingEvent[]): string {
  return JSON.stringify({ resourceLogs: resourceLogsOf(events).map(({ resource, scope, records }) => ({ resource, scopeLogs: [{ scope, logRecords: records }] })) });
}

/** The same request in protobuf; the numbers are those of the public definition, opentelemetry/proto/logs/v1. */
export function otlpProtobuf(events: readonly OutgoingEvent[]): Uint8Array {
  const request = new BinaryWriter();
  for (const logs of resourceLogsOf(events)) request.tag(1, WireType.LengthDelimited).bytes(resourceLogsBytes(logs));
  return request.finish();
}

/** How many records a receiver says it refused, in its answer in protobuf. Null for what cannot be read. */
export function rejectedInProtobuf(answer: Uint8Array): number | null {
  const partial = fieldBytes(answer, 1);
  if (partial === null) return null;
  return partial === 'absent' ? 0 : integerField(partial, 1);
}

/** The bytes of the last field with this number in a message; null when the message cannot be read. */
export function fieldBytes(message: Uint8Array, wanted: number): Uint8Array | 'absent' | null {
  return readFields<Uint8Array | 'absent'>(message, 'absent', (reader, field, wire) => (field === wanted && wire === WireType.LengthDelimited ? reader.bytes() : undefined));
}

/** A whole number of a message, 0 when it is absent; null when the message cannot be read. */
export function integerField(message: Uint8Array, wanted: number): number | null {
  return readFields(message, 0, (reader, field, wire) => (field === wanted && wire === WireType.Varint ? Number(reader.int64()) : undefined));
}

function resourceLogsOf(events: readonly OutgoingEvent[]): readonly ResourceLogs[] {
  const logs: { readonly key: string; readonly resource: OtlpLog['resource']; readonly scope: OtlpLog['scope']; readonly records: LogRecord[] }[] = [];
  for (const { event, stored } of events) {
    const { resource, scope, logRecord } = renderOtlp(event, stored);
    const key = JSON.stringify([resource, scope]);
    const last = logs.at(-1);
    if (last?.key === key) last.records.push(logRecord);
    else logs.push({ key, resource, scope, records: [logRecord] });
  }
  return logs;
}

function resourceLogsBytes({ resource, scope, records }: ResourceLogs): Uint8Array {
  const scopeBytes = new BinaryWriter().tag(1, WireType.LengthDelimited).string(scope.name).tag(2, WireType.LengthDelimited).string(scope.version).finish();
  const scopeLogs = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(scopeBytes);
  for (const record of records) scopeLogs.tag(2, WireType.LengthDelimited).bytes(recordBytes(record));
  const resourceBytes = withAttributes(new BinaryWriter(), 1, resource.attributes).finish();
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(resourceBytes).tag(2, WireType.LengthDelimited).bytes(scopeLogs.finish()).finish();
}

function recordBytes(record: LogRecord): Uint8Array {
  const writer = new BinaryWriter()
    .tag(1, WireType.Bit64)
    .fixed64(record.timeUnixNano)
    .tag(2, WireType.Varint)
    .int32(record.severityNumber)
    .tag(3, WireType.LengthDelimited)
    .string(record.severityText)
    .tag(5, WireType.LengthDelimited)
    .bytes(valueBytes(record.body));
  withAttributes(writer, 6, record.attributes);
  if (record.traceId !== undefined) writer.tag(9, WireType.LengthDelimited).bytes(Buffer.from(record.traceId, 'hex'));
  if (record.spanId !== undefined) writer.tag(10, WireType.LengthDelimited).bytes(Buffer.from(record.spanId, 'hex'));
  return writer.tag(11, WireType.Bit64).fixed64(record.observedTimeUnixNano).tag(12, WireType.LengthDelimited).string(record.eventName).finish();
}

function withAttributes(writer: BinaryWriter, field: number, attributes: readonly OtlpAttribute[]): BinaryWriter {
  for (const { key, value } of attributes) {
    const pair = new BinaryWriter().tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).bytes(valueBytes(value));
    writer.tag(field, WireType.LengthDelimited).bytes(pair.finish());
  }
  return writer;
}

function valueBytes(value: OtlpAttribute['value']): Uint8Array {
  const writer = new BinaryWriter();
  if ('stringValue' in value) return writer.tag(1, WireType.LengthDelimited).string(value.stringValue).finish();
  return writer.tag(3, WireType.Varint).int64(value.intValue).finish();
}

function readFields<Value>(message: Uint8Array, initial: Value, take: (reader: BinaryReader, field: number, wire: WireType) => Value | undefined): Value | null {
  let value = initial;
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      const taken = take(reader, field, wire);
      if (taken === undefined) reader.skip(wire, field);
      else value = taken;
    }
    return value;
  } catch {
    return null; // bytes that are no such message
  }
}
