import { describe, expect, it } from 'vitest';

import type { AuditEvent } from './audit-event.js';
import { membersEncoder } from './encode-fields.js';
import { FIELD_CATALOGUE, FIELD_ROWS } from './field-catalogue.js';
import { fieldTree } from './field-tree.js';

/** Each field of `T` as `path kind presence`; kinds that TypeScript cannot tell apart have one name. */
type FieldsOf<T, At extends string = ''> = {
  [Key in keyof T & string]-?: `${At}${Key} ${unknown extends T[Key] ? 'json' : KindOf<NonNullable<T[Key]>>} ${undefined extends T[Key] ? 'optional' : 'required'}` | Inside<NonNullable<T[Key]>, `${At}${Key}`>;
}[keyof T & string];
type Inside<T, At extends string> = T extends readonly (infer Item)[] ? (Item extends object ? FieldsOf<Item, `${At}[].`> : never) : T extends object ? (string extends keyof T ? never : FieldsOf<T, `${At}.`>) : never;
type KindOf<T> = [T] extends [true]
  ? 'true'
  : [T] extends [number]
    ? 'number'
    : [T] extends [string]
      ? string extends T
        ? 'text'
        : 'word'
      : [T] extends [readonly string[]]
        ? 'texts'
        : [T] extends [readonly object[]]
          ? 'objects'
          : [T] extends [object]
            ? string extends keyof T
              ? 'labels'
              : 'object'
            : never;

type PlainKind<Type> = Type extends 'instant' | 'hash' | 'uuid' ? 'text' : Type extends 'count' | 'level' ? 'number' : Type extends 'type' ? 'word' : Type;
type RowFields<Row> = Row extends readonly [infer Path extends string, infer Type extends string, infer Presence extends string, ...unknown[]] ? `${Path} ${PlainKind<Type> & string} ${Presence}` : never;
type Catalogued = RowFields<(typeof FIELD_ROWS)[number]>;
type Typed = FieldsOf<AuditEvent>;

/** Both are `never`, or this file does not compile: the compiler then names the fields that differ. */
const uncatalogued: [Exclude<Typed, Catalogued>] extends [never] ? true : Exclude<Typed, Catalogued> = true;
const untyped: [Exclude<Catalogued, Typed>] extends [never] ? true : Exclude<Catalogued, Typed> = true;

describe('the catalogue of fields', () => {
  it('has the fields of the TypeScript types, with their kind and presence, and no other (held by the compiler)', () => {
    expect([uncatalogued, untyped]).toEqual([true, true]);
  });

  it('names each field once, after the one that holds it, with a sentence', () => {
    const seen = new Set<string>();
    for (const { path, says, type, words } of FIELD_CATALOGUE) {
      expect(seen.has(path)).toBe(false);
      seen.add(path);
      const holder = path.split('.').slice(0, -1).join('.').replace(/\[\]$/, '');
      expect(holder === '' || seen.has(holder)).toBe(true);
      expect(says).toMatch(/^[A-Z0-9].*\.$/);
      expect(words.length > 0).toBe(type === 'word');
    }
  });

  it('keeps in what it does not mark as exported, and all that is inside it', () => {
    const marked = FIELD_CATALOGUE.map((field) => (['source', 'client.name'].includes(field.path) ? { ...field, exported: false } : field));
    const event = { client: { name: 'n', version: '1', unverified: true }, source: { ip: '192.0.2.1' }, secret: 'x', actor: { kind: 'agent', password: 'y' } };
    expect(membersEncoder(fieldTree(marked))('', '{', event)).toBe('{"actor":{"kind":"agent"},"client":{"unverified":true,"version":"1"}');
  });
});
