import { create, fromBinary, fromJson, type JsonValue as ProtobufJson, type MessageShape, toBinary, toJson } from '@bufbuild/protobuf';
import { type DomainEvent, upcast } from '@sallyport/domain-events';
import { isFault, isJsonObject, type JsonObject } from '@sallyport/kernel';

import { dataToMessage } from './data-to-message.js';
import { factFieldAt, factFieldNamed, nameText } from './fact-fields.js';
import { EventSchema } from './generated/sallyport/events/v1/envelope_pb.js';
import { messageToData, setCase } from './message-to-data.js';
import { wireFault } from './wire-faults.js';

type EventMessage = MessageShape<typeof EventSchema>;

/**
 * An event as it travels between processes: the protobuf `sallyport.events.v1.Event`. Equal events give equal bytes.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function encodeEvent(event: DomainEvent): Uint8Array {
  return toBinary(EventSchema, eventToMessage(event));
}

/**
 * The way back, from any version ever written to the current one.
 *
 * @throws {Fault} `wire.undecodable` for bytes that are no event, and for a fact, field or word this version does not know.
 */
export function decodeEvent(bytes: Uint8Array): DomainEvent {
  return messageToEvent(() => fromBinary(EventSchema, bytes));
}

/**
 * An event as PostgreSQL keeps it: protobuf's JSON form with every field present.
 *
 * @throws {Fault} `wire.unencodable` when a text or a number cannot be kept.
 */
export function eventToJson(event: DomainEvent): JsonObject {
  const json = toJson(EventSchema, eventToMessage(event), { alwaysEmitImplicit: true });
  if (!isJsonObject(json)) throw wireFault.unencodable('an event is not a JSON object');
  return json;
}

/**
 * The way back from JSON, from any version ever written to the current one.
 *
 * @param json As `JSON.parse` or the driver gives it.
 * @throws {Fault} `wire.undecodable` as `decodeEvent` does.
 */
export function eventFromJson(json: unknown): DomainEvent {
  return messageToEvent(() => fromJson(EventSchema, json as ProtobufJson));
}

function eventToMessage(event: DomainEvent): EventMessage {
  const { fact, ...envelope } = event;
  const place = factFieldNamed(fact);
  if (place === undefined) throw wireFault.unencodable(`the envelope has no field for ${nameText(fact)}`);
  const init = dataToMessage(EventSchema, envelope, ['fact']);
  return create(EventSchema, { ...init, fact: { case: place.field.localName, value: dataToMessage(place.field.message, fact.data) } } as EventInit);
}

type EventInit = Exclude<Parameters<typeof create<typeof EventSchema>>[1], undefined>;

function messageToEvent(read: () => EventMessage): DomainEvent {
  const message = readable(read);
  const envelope = messageToData(EventSchema, message, ['fact']);
  const [oneof] = EventSchema.oneofs.filter((candidate) => candidate.name === 'fact');
  if (oneof === undefined) throw wireFault.undecodable('the envelope has no fact');
  const { field, value } = setCase(oneof, message);
  const place = factFieldAt(field.localName);
  if (place === undefined) throw wireFault.undecodable(`${field.toString()} is no fact`);
  const fact = upcast({ type: place.type, version: place.version, data: messageToData(field.message, value) });
  if (!fact.ok) throw wireFault.undecodable(`no way from ${nameText(place)} to this version's facts`);
  return { ...envelope, fact: fact.value } as unknown as DomainEvent;
}

/** Parses, and turns what the parser throws into a fault without the parser's text, which quotes what it read. */
export function readable<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (caught) {
    if (isFault(caught)) throw caught;
    throw wireFault.undecodable('not the protobuf message that was looked for');
  }
}
