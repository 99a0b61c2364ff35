import type { DescEnum, DescField, DescMessage, DescOneof, Message } from '@bufbuild/protobuf';
import { isFieldSet, ScalarType } from '@bufbuild/protobuf';
import type { Fault } from '@sallyport/kernel';

import { isNullable, wordOfNumber } from './message-forms.js';
import { wireFault } from './wire-faults.js';

/**
 * A message → plain data: the way back of `dataToMessage`.
 *
 * @param except Members to leave to the caller.
 * @throws {Fault} `wire.undecodable` for a field, case or enum value this version does not know, and for an absent message or case:
 *   acting on half of what was said would be worse than refusing.
 */
export function messageToData(desc: DescMessage, message: Message, except: readonly string[] = []): Record<string, unknown> {
  if ((message.$unknown?.length ?? 0) > 0) throw wireFault.undecodable(`${desc.typeName} has a field this version does not know`);
  const data: Record<string, unknown> = {};
  for (const member of desc.members) {
    if (except.includes(member.localName)) continue;
    data[member.localName] = member.kind === 'oneof' ? oneofToUnion(member, message) : fieldToData(member, message);
  }
  return data;
}

/** The case of a oneof that is set, with its message. */
export function setCase(oneof: DescOneof, message: Message): { readonly field: DescField & { fieldKind: 'message' }; readonly value: Message } {
  const held = valueOf(message, oneof.localName) as { readonly case?: string; readonly value?: Message };
  const field = oneof.fields.find((candidate) => candidate.localName === held.case);
  if (field?.fieldKind !== 'message' || held.value === undefined) throw unread(oneof, 'is absent or unknown');
  return { field, value: held.value };
}

function oneofToUnion(oneof: DescOneof, message: Message): Record<string, unknown> {
  const { field, value } = setCase(oneof, message);
  return { kind: field.localName, ...messageToData(field.message, value) };
}

function fieldToData(field: DescField, message: Message): unknown {
  if (isNullable(field) && !isFieldSet(message, field)) return null;
  const value = valueOf(message, field.localName);
  switch (field.fieldKind) {
    case 'scalar':
      return scalarToData(field.scalar, value, field);
    case 'enum':
      return numberToWord(field.enum, value, field);
    case 'message':
      if (value === undefined) throw unread(field, 'is absent');
      return messageToData(field.message, value as Message);
    case 'list':
      return (value as readonly unknown[]).map((element) => elementToData(field, element));
    case 'map':
      return Object.fromEntries(Object.entries(value as Record<string, unknown>));
  }
}

function elementToData(field: DescField & { fieldKind: 'list' }, element: unknown): unknown {
  switch (field.listKind) {
    case 'scalar':
      return scalarToData(field.scalar, element, field);
    case 'enum':
      return numberToWord(field.enum, element, field);
    case 'message':
      return messageToData(field.message, element as Message);
  }
}

function scalarToData(scalar: ScalarType, value: unknown, field: DescField): unknown {
  if (scalar !== ScalarType.UINT64 && scalar !== ScalarType.INT64) return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw unread(field, 'is beyond 2^53 - 1');
  return number;
}

function numberToWord(desc: DescEnum, value: unknown, field: DescField): string {
  const word = wordOfNumber(desc, value as number);
  if (word === undefined) throw unread(field, 'has a value this version does not know');
  return word;
}

function valueOf(message: Message, localName: string): unknown {
  return (message as unknown as Readonly<Record<string, unknown>>)[localName];
}

function unread(where: DescField | DescOneof, what: string): Fault {
  return wireFault.undecodable(`${where.toString()} ${what}`);
}
