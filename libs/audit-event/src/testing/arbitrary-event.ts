import fc from 'fast-check';

import type { AuditEvent, AuditFact } from '../audit-event.js';
import { ADMIN_OBJECTS, AUDIT_EVENT_TYPES } from '../audit-event-types.js';
import { keepableText } from '../canonical-text.js';
import { FIELD_CATALOGUE, type FieldType } from '../field-catalogue.js';
import { type FieldNode, fieldTree } from '../field-tree.js';
import { microTime } from '../micro-time.js';
import { sealEvent } from '../seal-event.js';
import type { StoredEvent } from '../stored-event.js';
import { nodeSha256 } from './node-sha256.js';

/** Texts that formats stumble over: line ends, separators, quotes, controls of C0 and C1, bidirectional marks, 4-byte characters. */
export const HOSTILE_TEXTS = [
  '', ' ', '\r\n', 'a\nb', 'a\rb', '|', 'a|b=c\\d^e', '\\', '\\\\', '\\n', '=', ']', '"', '\u0001', 'a\u0001b\tc', '\u0000'.replace('\0', '\u0002'), '\u001b[31m',
  '\u007f', '\u0080\u0085\u009f', '\u2028\u2029', '\u202ereversed\u202c', '\u2066isolated\u2069', '\ufeffbom', '\u{1f512}\u{10ffff}', 'e\u0301', '\ufffd', '{"a":1}',
  '</script>', 'CEF:0|a|b|c|d|e|5|', '<14>1 - - - - - -', 'name=value other=x', '__proto__', 'constructor', 'null', '%0a', '\u00e9\u4e2d\u6587',
] as const;

/** Any text that an event can hold: no NUL, no lone surrogate. */
export function arbitraryText(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ maxLength: 24 }) },
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...HOSTILE_TEXTS), { maxLength: 4 }).map((parts) => parts.join('x')) },
  ).map(keepableText);
}

/** Any fact: of every field sometimes, of the required ones always; texts as `arbitraryText`. Small enough to need no cut, and unchanged by sealing. */
export function arbitraryAuditFact(): fc.Arbitrary<AuditFact> {
  return arbitraryMembers(fieldTree(FIELD_CATALOGUE).filter((field) => !PLACE.has(field.key))) as unknown as fc.Arbitrary<AuditFact>;
}

/** Any event in any place, read and as stored. */
export function arbitraryStoredEvent(): fc.Arbitrary<{ readonly event: AuditEvent; readonly stored: StoredEvent }> {
  const place = fc.record({ stream: arbitraryText(), seq: fc.integer({ min: 1 }), observedTime: arbitraryInstant(), prevHash: arbitraryHash(), keyEpoch: fc.integer({ min: 1, max: 99 }) });
  return fc.tuple(arbitraryAuditFact(), place).map(([fact, where]) => {
    const stored = sealEvent(fact, where, nodeSha256);
    return { event: JSON.parse(stored.line) as AuditEvent, stored };
  });
}

/** Any event in any place. */
export function arbitraryAuditEvent(): fc.Arbitrary<AuditEvent> {
  return arbitraryStoredEvent().map(({ event }) => event);
}

function arbitraryMembers(fields: readonly FieldNode[]): fc.Arbitrary<object> {
  const model = Object.fromEntries(fields.map((field) => [field.key, arbitraryOf(field)]));
  const requiredKeys = fields.filter((field) => field.required).map((field) => field.key);
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

function arbitraryOf(field: FieldNode): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'object':
      return arbitraryMembers(field.fields).filter((members) => Object.keys(members).length > 0);
    case 'objects':
      return fc.array(arbitraryMembers(field.fields), { minLength: 1, maxLength: 3 });
    case 'word':
      return fc.constantFrom(...field.words);
    default:
      return ARBITRARIES[field.type]();
  }
}

function arbitraryInstant(): fc.Arbitrary<string> {
  return fc.tuple(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.integer({ min: 0, max: 999 })).map(([ms, us]) => microTime(ms).replace(/000Z$/, `${String(us).padStart(3, '0')}Z`));
}

function arbitraryHash(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
}

const ARBITRARIES: Readonly<Record<Exclude<FieldType, 'object' | 'objects' | 'word'>, () => fc.Arbitrary<unknown>>> = {
  text: arbitraryText,
  texts: () => fc.array(arbitraryText(), { minLength: 1, maxLength: 3 }),
  type: () => fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...AUDIT_EVENT_TYPES) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...ADMIN_OBJECTS), fc.constantFrom('issued', 'settings_changed', 'removed')).map(([object, verb]) => `admin.${object}.${verb}`) },
  ),
  instant: arbitraryInstant,
  hash: arbitraryHash,
  uuid: () => fc.uuid(),
  count: () => fc.maxSafeNat(),
  level: () => fc.integer({ min: 1, max: 5 }),
  number: () => fc.oneof(fc.integer({ min: -40_000, max: 40_000 }), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0),
  true: () => fc.constant(true),
  labels: () => fc.dictionary(arbitraryText(), arbitraryText(), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  json: () => fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }).map((value) => JSON.parse(JSON.stringify(value).replace(/\\u0000/g, '')) as unknown),
};

const PLACE = new Set(['schema', 'stream', 'seq', 'observed_time', 'integrity']);
