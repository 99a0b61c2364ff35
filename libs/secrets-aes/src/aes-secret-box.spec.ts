import { branded, type OrganisationId } from '@sallyport/kernel';
import type { SecretContext } from '@sallyport/secrets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AesSecretBox } from './aes-secret-box.js';
import { HmacKeyedHashes } from './hmac-keyed-hashes.js';
import { RootKey } from './root-key.js';

const root = RootKey.parse('11'.repeat(32));
const box = new AesSecretBox(root);
const acme = branded<OrganisationId>('01990000-0000-7000-8000-000000000001');
const other = branded<OrganisationId>('01990000-0000-7000-8000-000000000002');
const context: SecretContext = { organisationId: acme, objectKind: 'server', objectId: 's1', field: 'header:x-api-key' };
const key = box.newOrganisationKey(acme);

describe('secret box', () => {
  it('opens what it sealed', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (plain) => box.open(context, key, box.seal(context, key, plain)) === plain));
  });

  it('opens it after a restart, with nothing but the root key', () => {
    const sealed = box.seal(context, key, 'secret');
    expect(new AesSecretBox(RootKey.parse(Buffer.alloc(32, 0x11).toString('base64'))).open(context, key, sealed)).toBe('secret');
  });

  it.each([
    ['organisation', { ...context, organisationId: other }],
    ['object', { ...context, objectId: 's2' }],
    ['kind of object', { ...context, objectKind: 'sink' }],
    ['field', { ...context, field: 'header:authorization' }],
  ])('does not open a value moved to another %s [secrets/bound]', (_what, moved) => {
    const sealed = box.seal(context, key, 'secret');
    const movedKey = moved.organisationId === acme ? key : box.newOrganisationKey(moved.organisationId);
    expect(() => box.open(moved, movedKey, sealed)).toThrow(expect.objectContaining({ code: 'secrets.cannot_open' }));
  });

  it('does not open under another root key', () => {
    const stranger = new AesSecretBox(RootKey.parse('22'.repeat(32)));
    expect(() => stranger.open(context, key, box.seal(context, key, 'secret'))).toThrow(expect.objectContaining({ code: 'secrets.cannot_open' }));
  });

  it('does not open with one bit flipped, anywhere', () => {
    const sealed = box.seal(context, key, 'secret');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), (at) => {
        const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
        const bytesDiffer = flipped.split('.').some((part, n) => !Buffer.from(part, 'base64url').equals(Buffer.from(sealed.split('.')[n] ?? '', 'base64url')));
        fc.pre(bytesDiffer);
        expect(() => box.open(context, key, flipped)).toThrow(expect.objectContaining({ code: 'secrets.cannot_open' }));
      }),
    );
  });

  it('never writes the same value twice alike', () => {
    expect(box.seal(context, key, 'secret')).not.toBe(box.seal(context, key, 'secret'));
  });
});

describe('a value handed over to a subject', () => {
  const subject = box.newSubjectKey(acme, 'key-1', key);
  const handed = box.handOver(context, { wrappedKey: key, subject }, box.seal(context, key, 'secret'));

  it('opens with the key of the subject, in its context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (plain) => {
        const sealed = box.handOver(context, { wrappedKey: key, subject }, box.seal(context, key, plain));
        return box.subjectKeyOf(sealed) === 'key-1' && new AesSecretBox(root).openOfSubject(context, { wrappedKey: key, subject }, sealed) === plain;
      }),
    );
  });

  it("does not open with the organisation's key alone, whatever is done to the text", () => {
    const [, , wrapped, value] = handed.split('.');
    for (const text of [handed, `s1.${wrapped}.${value}`]) expect(() => box.open(context, key, text)).toThrow(expect.objectContaining({ code: 'secrets.cannot_open' }));
    expect(box.subjectKeyOf(box.seal(context, key, 'secret'))).toBeUndefined();
  });

  it.each([
    ['another key of the subject', context, { wrappedKey: key, subject: box.newSubjectKey(acme, 'key-2', key) }],
    ['another key under the same id', context, { wrappedKey: key, subject: box.newSubjectKey(acme, 'key-1', key) }],
    ['a key that was moved to another id', context, { wrappedKey: key, subject: { ...subject, keyId: 'key-2' } }],
    ["another organisation's key", context, { wrappedKey: box.newOrganisationKey(acme), subject }],
    ['another context', { ...context, objectId: 's2' }, { wrappedKey: key, subject }],
    ['no key of a subject', context, { wrappedKey: key, subject: { ...subject, wrapped: key } }],
  ])('does not open with %s', (_what, where, keys) => {
    expect(() => box.openOfSubject(where, keys, handed)).toThrow(expect.objectContaining({ code: 'secrets.cannot_open' }));
  });

  it('is one that opened before: nothing else is handed over', () => {
    for (const text of ['', 'sealed', 's1.AAAA.BBBB', handed, box.seal({ ...context, objectId: 's2' }, key, 'secret')]) {
      expect(() => box.handOver(context, { wrappedKey: key, subject }, text)).toThrow(expect.objectContaining({ code: 'secrets.cannot_open' }));
    }
  });
});

describe('keyed hashes', () => {
  const hashes = new HmacKeyedHashes(root);

  it('say the same for the same text, and differ by organisation', () => {
    expect(hashes.digest(acme, '{"a":1}')).toBe(hashes.digest(acme, '{"a":1}'));
    expect(hashes.digest(acme, '{"a":1}')).not.toBe(hashes.digest(other, '{"a":1}'));
  });

  it('cannot be computed without the root key', () => {
    expect(hashes.tokenHash('sp_agt_x')).not.toBe(new HmacKeyedHashes(RootKey.parse('22'.repeat(32))).tokenHash('sp_agt_x'));
  });
});

describe('root key', () => {
  it.each(['', 'abc', '11'.repeat(31), '11'.repeat(33)])('is refused unless it has 32 bytes: %j', (text) => {
    expect(() => RootKey.parse(text)).toThrow(expect.objectContaining({ code: 'secrets.bad_root_key' }));
  });
});
