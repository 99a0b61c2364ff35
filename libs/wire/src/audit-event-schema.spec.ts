import { readFileSync } from 'node:fs';

import { type DescField, type DescMessage, fromJson, type JsonValue, ScalarType, toJson } from '@bufbuild/protobuf';
import { FIELD_CATALOGUE, type FieldType } from '@sallyport/audit-event';
import { arbitraryAuditEvent } from '@sallyport/audit-event/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AuditEventSchema } from './generated/sallyport/audit/v1/audit_event_pb.js';

const SCALARS: Readonly<Partial<Record<ScalarType, string>>> = { [ScalarType.STRING]: 'text', [ScalarType.DOUBLE]: 'number', [ScalarType.INT32]: 'level', [ScalarType.BOOL]: 'true' };

const PLAIN: Readonly<Partial<Record<FieldType, string>>> = { word: 'text', type: 'text', instant: 'text', hash: 'text', uuid: 'text', count: 'number' };

function kindOf(field: DescField): string {
  if (field.fieldKind === 'map') return 'labels';
  if (field.fieldKind === 'list') return field.listKind === 'message' ? 'objects' : 'texts';
  if (field.fieldKind === 'message') return field.message.typeName === 'google.protobuf.Value' ? 'json' : 'object';
  return field.fieldKind === 'scalar' ? (SCALARS[field.scalar] ?? 'another') : 'another';
}

function* fieldsOf(message: DescMessage, prefix = ''): Generator<string> {
  for (const field of message.fields) {
    const [path, kind] = [`${prefix}${field.name}`, kindOf(field)];
    yield `${path} ${kind}`;
    if ((kind === 'object' || kind === 'objects') && field.message !== undefined) yield* fieldsOf(field.message, `${path}${kind === 'objects' ? '[]' : ''}.`);
  }
}

describe('the protobuf schema of audit events', () => {
  it('has the fields of the catalogue in its order, with their types, and no other', () => {
    const catalogued = FIELD_CATALOGUE.map(({ path, type }) => `${path} ${PLAIN[type] ?? type}`);
    expect([...fieldsOf(AuditEventSchema)].toSorted()).toEqual(catalogued.toSorted());
  });

  it('documents each field with the sentence of the catalogue', () => {
    const lines = readFileSync(new URL('../../../proto/sallyport/audit/v1/audit_event.proto', import.meta.url), 'utf8').split('\n');
    for (const { path, says, words } of FIELD_CATALOGUE) {
      const sentence = `  // ${says}${words.length > 1 ? ` One of ${words.join(', ')}.` : ''}`;
      const name = path.split('.').at(-1);
      const at = lines.findIndex((line, index) => line === sentence && new RegExp(` ${name} = \\d+;$`).test(lines[index + 1] ?? ''));
      expect(at, path).toBeGreaterThan(0);
    }
  });

  it('keeps every field of any event through its JSON form', () => {
    fc.assert(
      fc.property(arbitraryAuditEvent(), (event) => {
        const message = fromJson(AuditEventSchema, event as unknown as JsonValue);
        expect(toJson(AuditEventSchema, message, { useProtoFieldName: true })).toEqual(event);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
