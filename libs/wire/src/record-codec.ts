import { create, fromBinary, fromJson, type JsonValue as ProtobufJson, type MessageShape, toBinary, toJson } from '@bufbuild/protobuf';
import type { SequencedRecord } from '@sallyport/audit';
import { isJsonObject, type JsonObject } from '@sallyport/kernel';

import { dataToMessage } from './data-to-message.js';
import { readable } from './event-codec.js';
import { SequencedRecordSchema } from './generated/sallyport/audit/v1/decision_record_pb.js';
import { messageToData } from './message-to-data.js';
import { wireFault } from './wire-faults.js';

/**
 * A decision record as it travels between processes: the protobuf `sallyport.audit.v1.SequencedRecord`. Equal records give equal bytes.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function encodeRecord(record: SequencedRecord): Uint8Array {
  return toBinary(SequencedRecordSchema, recordToMessage(record));
}

/**
 * The way back.
 *
 * @throws {Fault} `wire.undecodable` for bytes that are no record, and for a field or word this version does not know.
 */
export function decodeRecord(bytes: Uint8Array): SequencedRecord {
  return messageToRecord(readable(() => fromBinary(SequencedRecordSchema, bytes)));
}

/**
 * A decision record in protobuf's JSON form with every field present that is not null.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function recordToJson(record: SequencedRecord): JsonObject {
  const json = toJson(SequencedRecordSchema, recordToMessage(record), { alwaysEmitImplicit: true });
  if (!isJsonObject(json)) throw wireFault.unencodable('a record is not a JSON object');
  return json;
}

/**
 * The way back from JSON.
 *
 * @throws {Fault} `wire.undecodable` as `decodeRecord` does.
 */
export function recordFromJson(json: unknown): SequencedRecord {
  return messageToRecord(readable(() => fromJson(SequencedRecordSchema, json as ProtobufJson)));
}

function recordToMessage(record: SequencedRecord): MessageShape<typeof SequencedRecordSchema> {
  return create(SequencedRecordSchema, dataToMessage(SequencedRecordSchema, record));
}

function messageToRecord(message: MessageShape<typeof SequencedRecordSchema>): SequencedRecord {
  return messageToData(SequencedRecordSchema, message) as unknown as SequencedRecord;
}
