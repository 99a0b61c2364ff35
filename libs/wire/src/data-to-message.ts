import type { DescEnum, DescField, DescMessage, DescOneof } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import type { Fault } from '@sallyport/kernel';

import { isNullable, numberOfWord } from './message-forms.js';
import { wireFault } from './wire-faults.js';

/** What protobuf's `create` takes for a message. */
export type MessageInit = Record<string, unknown>;

/**
 * Plain data → what `create` makes the message of. The data's property names are the message's fields, and
 *
 * - a word of a closed set is an enum value (`policy_manager` ↔ `ROLE_POLICY_MANAGER`),
 * - a union tagged by `kind` is a oneof whose cases are the tags,
 * - `null` is an absent `optional` field,
 * - a map's entries are ordered by key, so that equal data gives equal bytes.
 *
 * @param except Members to leave to the caller.
 * @throws {Fault} `wire.unencodable` when a property is missing, unknown, of another type or out of range. Names the field, never its value.
 */
export function dataToMessage(desc: DescMessage, data: unknown, except: readonly string[] = []): MessageInit {
  const source = asRecord(data, desc.typeName);
  const members = desc.members.filter((member) => !except.includes(member.localName));
  refuseUnknown(source, [...members.map((member) => member.localName), ...except], desc);
  const init: MessageInit = {};
  for (const member of members) {
    const value = source[member.localName];
    init[member.localName] = member.kind === 'oneof' ? unionToOneof(member, value) : fieldToInit(member, value);
  }
  return init;
}

function unionToOneof(oneof: DescOneof, value: unknown): { case: string; value: MessageInit } {
  const { kind, ...body } = asRecord(value, oneof.toString());
  const field = oneof.fields.find((candidate) => candidate.localName === kind);
  if (field?.fieldKind !== 'message') throw unfit(oneof, 'names no case of it');
  return { case: field.localName, value: dataToMessage(field.message, body) };
}

function fieldToInit(field: DescField, value: unknown): unknown {
  if (value === null && isNullable(field)) return undefined;
  switch (field.fieldKind) {
    case 'scalar':
      return scalarToInit(field.scalar, value, field);
    case 'enum':
      return wordToNumber(field.enum, value, field);
    case 'message':
      return dataToMessage(field.message, value);
    case 'list':
      if (!Array.isArray(value)) throw unfit(field, 'is not a list');
      return value.map((element) => elementToInit(field, element));
    case 'map':
      return Object.fromEntries(sortedEntries(asRecord(value, field.toString())).map(([key, entry]) => mapEntryToInit(field, key, entry)));
  }
}

function elementToInit(field: DescField & { fieldKind: 'list' }, element: unknown): unknown {
  switch (field.listKind) {
    case 'scalar':
      return scalarToInit(field.scalar, element, field);
    case 'enum':
      return wordToNumber(field.enum, element, field);
    case 'message':
      return dataToMessage(field.message, element);
  }
}

function mapEntryToInit(field: DescField & { fieldKind: 'map' }, key: string, value: unknown): [string, unknown] {
  if (field.mapKind !== 'scalar') throw unfit(field, 'is a map of something else than scalars');
  return [wellFormed(key, field), scalarToInit(field.scalar, value, field)];
}

function scalarToInit(scalar: ScalarType, value: unknown, field: DescField): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      return wellFormed(value, field);
    case ScalarType.BOOL:
      if (typeof value !== 'boolean') throw unfit(field, 'is not a boolean');
      return value;
    case ScalarType.UINT32:
      return wholeNumber(value, 0xffff_ffff, field);
    case ScalarType.UINT64:
      return BigInt(wholeNumber(value, Number.MAX_SAFE_INTEGER, field));
    case ScalarType.INT64:
      if (!Number.isSafeInteger(value)) throw unfit(field, 'is not a whole number within 2^53 - 1 of zero');
      return BigInt(value as number);
    case ScalarType.DOUBLE:
      if (typeof value !== 'number' || !Number.isFinite(value)) throw unfit(field, 'is not a finite number');
      return value;
    default:
      throw unfit(field, 'has a type that no plain data stands for');
  }
}

/** UTF-8 has no lone surrogate, and PostgreSQL's jsonb no NUL: neither would read back as it was written. */
const UNKEEPABLE = /\0|\p{Surrogate}/u;

function wellFormed(value: unknown, field: DescField): string {
  if (typeof value !== 'string') throw unfit(field, 'is not a text');
  if (UNKEEPABLE.test(value)) throw unfit(field, 'holds NUL or a lone surrogate');
  return value;
}

function wholeNumber(value: unknown, max: number, field: DescField): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) throw unfit(field, `is not a whole number up to ${max}`);
  return value;
}

function wordToNumber(desc: DescEnum, value: unknown, field: DescField): number {
  const number = typeof value === 'string' ? numberOfWord(desc, value) : undefined;
  if (number === undefined) throw unfit(field, 'is no word of its set');
  return number;
}

function refuseUnknown(source: Readonly<Record<string, unknown>>, known: readonly string[], desc: DescMessage): void {
  const unknown = Object.keys(source).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw wireFault.unencodable(`${desc.typeName} has no field ${unknown.join(', ')}`);
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wireFault.unencodable(`${what} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function sortedEntries(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function unfit(where: DescField | DescOneof, what: string): Fault {
  return wireFault.unencodable(`${where.toString()} ${what}`);
}
