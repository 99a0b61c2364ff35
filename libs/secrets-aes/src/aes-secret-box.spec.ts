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
