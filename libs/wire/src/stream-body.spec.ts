import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { branded, type EpochMs, isFault, type OrganisationId, type Revision, type Sha256Hex } from '@sallyport/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeSignedRecord, encodeSignedRecord, signedBytes } from './signed-record.js';
import { decodeStreamBody, encodeStreamBody, recordKeyOf, type StreamBody } from './stream-body.js';

const folder = new URL('../golden/stream/', import.meta.url);
const names = readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$hex' in value) return new Uint8Array(Buffer.from(String(value.$hex), 'hex'));
  return '$map' in value ? new Map(value.$map as [OrganisationId, Revision][]) : value;
}

const example = (name: string): StreamBody => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'), revive) as StreamBody;

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (caught) {
    return isFault(caught) ? caught.code : 'no fault';
  }
  return 'nothing thrown';
}

const organisationId = fc.uuid().map((id) => branded<OrganisationId>(id));
const number = fc.maxSafeNat();
const instant = number.map((ms) => branded<EpochMs>(ms));
const revision = number.map((at) => branded<Revision>(at));
const bytes = fc.uint8Array({ maxLength: 40 });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((digest) => branded<Sha256Hex>(Buffer.from(digest).toString('hex')));
const anyBody: fc.Arbitrary<StreamBody> = fc.oneof(
  fc.record({ kind: fc.constant('event' as const), position: number, organisationId, revision, event: bytes }),
  fc.record({ kind: fc.constant('stamp' as const), committedBefore: instant, position: number }),
  fc.record({ kind: fc.constant('snapshot' as const), organisationId, revision, state: bytes, stateHash: hash }),
  fc.record({
    kind: fc.constant('frontier' as const),
    committedBefore: instant,
    position: number,
    snapshots: fc.array(fc.tuple(organisationId, revision)).map((entries) => new Map(entries)),
  }),
  fc.record({ kind: fc.constant('key' as const), keyId: fc.string({ unit: 'grapheme' }), publicKey: bytes, announcedAt: instant }),
);

describe('what a signed record says', () => {
  it('reads back as it was written, and is written the same whatever order a frontier was gathered in', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const written = encodeStreamBody(body);
        expect(decodeStreamBody(written)).toEqual(body);
        if (body.kind === 'frontier') expect(encodeStreamBody({ ...body, snapshots: new Map([...body.snapshots].reverse()) })).toEqual(written);
      }),
    );
  });

  it('has a golden file for each kind [log/golden]', () => {
    expect(names.toSorted()).toEqual(['event', 'frontier', 'key', 'snapshot', 'stamp']);
    expect(names.filter((name) => !existsSync(new URL(`${name}.binpb`, folder))), 'write them: node libs/wire/golden/write-missing-stream.mjs').toEqual([]);
  });

  it.each(names)('reads and writes the golden %s as it was [log/golden]', (name) => {
    const stored = new Uint8Array(readFileSync(new URL(`${name}.binpb`, folder)));
    expect(decodeStreamBody(stored)).toEqual(example(name));
    expect(Buffer.from(encodeStreamBody(example(name))).equals(stored)).toBe(true);
  });

  it('stands on its topic under the organisation’s id, or a name that no organisation has', () => {
    const keys = names.map((name) => recordKeyOf(example(name)));
    expect(keys).toEqual(names.map((name) => ({ event: '01930000-0000-7000-8000-0000000000a1', snapshot: '01930000-0000-7000-8000-0000000000a1', stamp: '_stamp', frontier: '_frontier', key: '_key/0a1b2c3d4e5f6071' })[name]));
  });

  it.each(names)('is refused when the %s is torn or says more than is understood', (name) => {
    const written = encodeStreamBody(example(name));
    for (let length = 0; length < written.length; length += 1) expect(codeOf(() => decodeStreamBody(written.subarray(0, length)))).toBe('wire.undecodable');
    expect(codeOf(() => decodeStreamBody(Buffer.concat([written, Uint8Array.of(0xd2, 0x05, 0x01, 0x78)])))).toBe('wire.undecodable');
  });

  it('is refused when it says nothing', () => {
    expect(codeOf(() => decodeStreamBody(new Uint8Array()))).toBe('wire.undecodable');
  });

  const stamp = example('stamp') as Extract<StreamBody, { kind: 'stamp' }>;
  const frontier = example('frontier') as Extract<StreamBody, { kind: 'frontier' }>;
  it.each<[string, StreamBody]>([
    ['a position beyond 2^53 - 1', { ...stamp, position: 2 ** 53 }],
    ['a time with a fraction', { ...stamp, committedBefore: branded<EpochMs>(0.5) }],
    ['an organisation that is no UUID', { ...frontier, snapshots: new Map([[branded<OrganisationId>('acme'), branded<Revision>(1)]]) }],
    ['a hash that is none', { ...(example('snapshot') as Extract<StreamBody, { kind: 'snapshot' }>), stateHash: branded<Sha256Hex>('00') }],
  ])('is not written with %s', (_what, body) => {
    expect(codeOf(() => encodeStreamBody(body))).toBe('wire.unencodable');
  });
});

describe('a signed record', () => {
  const record = { keyId: 'k', body: Uint8Array.of(1, 2), signature: Uint8Array.of(3) };

  it('reads back as it was written, and is refused torn or with more than is understood', () => {
    const written = encodeSignedRecord(record);
    expect(decodeSignedRecord(written)).toEqual(record);
    expect(codeOf(() => decodeSignedRecord(written.subarray(0, -1)))).toBe('wire.undecodable');
    expect(codeOf(() => decodeSignedRecord(Buffer.concat([written, Uint8Array.of(0xd2, 0x05, 0x01, 0x78)])))).toBe('wire.undecodable');
  });

  it('is signed over its purpose, its key id and its body', () => {
    expect(Buffer.from(signedBytes('k', Uint8Array.of(0x78))).toString()).toBe('sallyport/stream/1\nk\nx');
  });
});
