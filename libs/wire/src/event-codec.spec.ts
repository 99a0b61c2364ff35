import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type DomainEvent, type Labels } from '@sallyport/domain-events';
import { anyEvent, EXAMPLE_FACTS } from '@sallyport/domain-events/testing';
import { branded, canonicalJson, type EventId, isFault, type JsonObject, type OrganisationId, type Revision } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeEvent, encodeEvent, eventFromJson, eventToJson } from './event-codec.js';
import { EventSchema } from './generated/sallyport/events/v1/envelope_pb.js';

function anEvent(fact: DomainEvent['fact'] = EXAMPLE_FACTS['identity.created']): DomainEvent {
  return {
    eventId: branded<EventId>('01930000-0000-7000-8000-0000000000e1'),
    organisationId: branded<OrganisationId>('01930000-0000-7000-8000-0000000000a1'),
    revision: branded<Revision>(1),
    object: { kind: 'identity', id: '01930000-0000-7000-8000-000000000004' },
    objectVersion: 1,
    occurredAt: '2026-11-21T12:00:00.000Z',
    actor: { kind: 'system', name: 'test' },
    fact,
  };
}

function labelled(labels: Labels): DomainEvent {
  return anEvent({ ...EXAMPLE_FACTS['identity.relabelled'], data: { ...EXAMPLE_FACTS['identity.relabelled'].data, labels } });
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (caught) {
    return isFault(caught) ? caught.code : 'no fault';
  }
  return 'nothing thrown';
}

describe('an event', () => {
  it('reads back from bytes as it was written', () => {
    fc.assert(fc.property(anyEvent, (event) => void expect(decodeEvent(encodeEvent(event))).toEqual(event)));
  });

  it('reads back from JSON text as it was written', () => {
    fc.assert(fc.property(anyEvent, (event) => void expect(eventFromJson(JSON.parse(JSON.stringify(eventToJson(event))))).toEqual(event)));
  });

  it('reads back whatever order a store keeps JSON’s members in', () => {
    fc.assert(fc.property(anyEvent, (event) => void expect(eventFromJson(JSON.parse(canonicalJson(eventToJson(event))))).toEqual(event)));
  });

  it('gives the same bytes whatever order its labels were set in', () => {
    const [one, other] = [labelled({ b: '1', a: '2', __proto__x: '3' }), labelled({ __proto__x: '3', a: '2', b: '1' })];
    expect(encodeEvent(one)).toEqual(encodeEvent(other));
    expect(JSON.stringify(eventToJson(one))).toBe(JSON.stringify(eventToJson(other)));
  });

  it('keeps a label called __proto__ a label', () => {
    const event = labelled(JSON.parse('{"__proto__":"x","constructor":"y"}') as Labels);
    for (const back of [decodeEvent(encodeEvent(event)), eventFromJson(eventToJson(event))]) {
      expect(back.fact.data).toHaveProperty('labels');
      expect(JSON.stringify(back.fact.data)).toContain('"__proto__":"x"');
    }
  });

  it('keeps every field in JSON, also the empty ones', () => {
    const json = eventToJson(anEvent({ ...EXAMPLE_FACTS['policy.version_published'], data: { ...EXAMPLE_FACTS['policy.version_published'].data, note: '', restoresVersion: 0 } }));
    expect(json['policyVersionPublished']).toMatchObject({ note: '', restoresVersion: 0 });
  });
});

describe('an event that cannot be kept', () => {
  const refused: readonly [string, DomainEvent][] = [
    ['NUL in a text', labelled({ a: 'x\0' })],
    ['a lone surrogate in a text', labelled({ a: '\ud800' })],
    ['NUL in a map’s key', labelled({ '\0': 'x' })],
    ['a revision beyond 2^53 - 1', { ...anEvent(), revision: branded<Revision>(2 ** 53) }],
    ['a revision that is no whole number', { ...anEvent(), revision: branded<Revision>(1.5) }],
    ['an object version below 0', { ...anEvent(), objectVersion: -1 }],
    ['a fact nobody knows', { ...anEvent(), fact: { ...EXAMPLE_FACTS['grant.revoked'], type: 'grant.melted' } as unknown as DomainEvent['fact'] }],
    ['a fact in a version nobody knows', { ...anEvent(), fact: { ...EXAMPLE_FACTS['grant.revoked'], version: 2 } as unknown as DomainEvent['fact'] }],
    ['a word outside its set', { ...anEvent(), object: { kind: 'unspecified' as 'grant', id: 'x' } }],
    ['a field nobody knows', { ...anEvent(), extra: 1 } as DomainEvent],
    ['a missing field', { ...anEvent(), objectVersion: undefined as unknown as number }],
  ];

  it.each(refused)('is refused for %s', (_, event) => {
    expect(codeOf(() => encodeEvent(event))).toBe('wire.unencodable');
    expect(codeOf(() => eventToJson(event))).toBe('wire.unencodable');
  });

  it('is refused without its values', () => {
    expect(() => encodeEvent(labelled({ a: 'hunter2\0' }))).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter2') }));
  });
});

describe('what is no event this version knows', () => {
  const bytes = encodeEvent(anEvent());
  /** Field 90, which the envelope does not have: length-delimited, one byte. */
  const unknownField = Uint8Array.of(0xd2, 0x05, 0x01, 0x78);

  it('is refused when its fact is unknown', () => {
    const factless = toBinary(EventSchema, { ...fromBinary(EventSchema, bytes), fact: { case: undefined } });
    expect(codeOf(() => decodeEvent(factless))).toBe('wire.undecodable');
    expect(codeOf(() => decodeEvent(Buffer.concat([factless, unknownField])))).toBe('wire.undecodable');
  });

  it('is refused when it says more than is understood', () => {
    expect(codeOf(() => decodeEvent(Buffer.concat([bytes, unknownField])))).toBe('wire.undecodable');
    expect(codeOf(() => eventFromJson({ ...eventToJson(anEvent()), more: 1 }))).toBe('wire.undecodable');
  });

  it('is refused when a word or a message is missing', () => {
    expect(codeOf(() => decodeEvent(toBinary(EventSchema, create(EventSchema, {}))))).toBe('wire.undecodable');
    const { object: _, ...objectless } = eventToJson(anEvent());
    expect(codeOf(() => eventFromJson(objectless))).toBe('wire.undecodable');
    const unspecified: JsonObject = { ...eventToJson(anEvent()), object: { kind: 'OBJECT_KIND_UNSPECIFIED', id: 'x' } };
    expect(codeOf(() => eventFromJson(unspecified))).toBe('wire.undecodable');
  });

  it('is refused when it is torn, or anything else', () => {
    for (const other of [null, 1, 'x', [], {}]) expect(codeOf(() => eventFromJson(other))).toBe('wire.undecodable');
    for (let length = 0; length < bytes.length; length += 1) expect(codeOf(() => decodeEvent(bytes.subarray(0, length)))).toBe('wire.undecodable');
  });
});
