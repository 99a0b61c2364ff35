import { TOPIC } from '@sallyport/broker';
import { newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type Revision, type Sha256Hex } from '@sallyport/kernel';
import type { RecordSigner } from '@sallyport/secrets';
import { Ed25519Signer } from '@sallyport/signatures-ed25519';
import type { StreamBody } from '@sallyport/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { anIdentity, type ScriptedStream } from '../testing/scripted-stream.js';
import { StreamWorld } from '../testing/stream-world.js';
import { LOOK_MS } from './stream-follower.js';

/** How old a worker's state may be, ms. */
const S_MS = 5_000;

describe('a broker that is not to be trusted', () => {
  let world: StreamWorld;
  const [acme, other] = [newOrganisationId(), newOrganisationId()];

  beforeEach(() => {
    world = new StreamWorld();
  });

  afterEach(() => world.end());

  const stranger = Ed25519Signer.generate();
  const revocation = anIdentity('forged');

  /** What whoever can write to the broker may publish, by what a worker says of it. */
  const forgeries: readonly [string, string, (of: StreamBody) => Parameters<ScriptedStream['publishRaw']>[0]][] = [
    ['a record that a stranger signed', 'stream.unknown_key', (body) => world.stream.signed(TOPIC.events, body, stranger)],
    ['a record that a stranger signed under the trusted key’s name', 'stream.bad_signature', (body) => world.stream.signed(TOPIC.events, body, { ...parts(stranger), keyId: world.signer.keyId })],
    ['a record without a signature', 'stream.bad_signature', (body) => world.stream.signed(TOPIC.events, body, { ...parts(world.signer), sign: () => new Uint8Array() })],
    ['a record that was altered', 'stream.bad_signature', (body) => world.stream.signed(TOPIC.events, body).map((record) => ({ ...record, value: altered(record.value) }))],
    ['a record of another organisation', 'stream.misplaced', (body) => world.stream.signed(TOPIC.events, body).map((record) => ({ ...record, key: other }))],
    ['a record of another topic', 'stream.misplaced', () => world.stream.signed(TOPIC.snapshots, world.stream.snapshotOf(acme)).map((record) => ({ ...record, topic: TOPIC.events }))],
    ['bytes that are nothing', 'stream.unreadable_record', () => [{ topic: TOPIC.events, key: acme, value: Uint8Array.of(1, 2, 3) }]],
    ['no bytes', 'stream.unsigned', () => [{ topic: TOPIC.events, key: acme, value: null }]],
  ];

  it.each(forgeries)('cannot make it take %s: it is counted, told, and never counts as a position', async (_what, code, forge) => {
    const worker = await world.ready();
    await world.stream.append(acme, anIdentity());
    const [genuine] = world.stream.commit(acme, revocation);
    await world.stream.publishRaw(forge(genuine as StreamBody));
    expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.refusedFor.size]).toEqual([1, 1, 0]);
    expect([world.refusedOf(worker), world.faults]).toEqual([{ [code]: 1 }, [code]]);
    await world.stream.publish(genuine as StreamBody);
    await world.stream.stamp();
    expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.ageMs(world.clock.now())]).toEqual([2, 2, 0]);
  });

  it('cannot stamp: a forged stamp leaves it as old as it was', async () => {
    const worker = await world.ready();
    world.clock.advance(S_MS + 1);
    await world.stream.publishRaw(world.stream.signed(TOPIC.events, { kind: 'stamp', committedBefore: world.clock.now(), position: 0 }, stranger));
    expect(worker.listener.ageMs(world.clock.now())).toBeGreaterThan(S_MS);
    expect(world.refusedOf(worker)).toEqual({ 'stream.unknown_key': 1 });
  });

  it('cannot hide a genuine stamp behind a forged one that came with it', async () => {
    const worker = await world.ready();
    world.clock.advance(1);
    const stamp: StreamBody = { kind: 'stamp', committedBefore: world.clock.now(), position: 0 };
    await world.stream.publishRaw([...world.stream.signed(TOPIC.events, stamp), ...world.stream.signed(TOPIC.events, stamp, stranger)]);
    expect(worker.listener.ageMs(world.clock.now())).toBe(0);
  });

  it('cannot withhold an event under fresh stamps: no stamp that covers it counts, however long and however often it is read again', async () => {
    const worker = await world.ready();
    world.stream.commit(acme, revocation);
    for (let round = 0; round < 20; round += 1) {
      await world.stream.stamp();
      await world.pass(LOOK_MS);
    }
    expect(worker.listener.ageMs(world.clock.now())).toBeGreaterThan(S_MS);
    expect([worker.feed.position, world.faults.includes('stream.gap')]).toEqual([0, true]);
  });

  it('cannot replay old stamps', async () => {
    const worker = await world.ready();
    const stamp: StreamBody = { kind: 'stamp', committedBefore: world.clock.now(), position: 0 };
    world.clock.advance(S_MS + 1);
    await world.stream.publish(stamp);
    expect(worker.listener.ageMs(world.clock.now())).toBeGreaterThan(S_MS);
  });

  it('cannot put an old snapshot back: the organisation is refused, and no other', async () => {
    await world.stream.append(acme, anIdentity());
    await world.stream.append(other, anIdentity());
    const old = world.stream.snapshotOf(acme);
    await world.stream.append(acme, anIdentity());
    await world.stream.checkpoint();
    await world.stream.shelve(old);
    world.stream.cluster.compact(TOPIC.snapshots);
    world.stream.cluster.trim(TOPIC.events, 0, 3n);
    const worker = await world.ready();
    expect([...worker.listener.refusedFor]).toEqual([[acme, 'stream.old_snapshot']]);
    expect([worker.listener.revisionOf(other), worker.listener.ageMs(world.clock.now())]).toEqual([1, 0]);
  });

  it('cannot give one organisation another’s snapshot, nor an altered one, nor take one away', async () => {
    await world.stream.append(acme, anIdentity());
    await world.stream.append(other, anIdentity());
    await world.stream.checkpoint();
    const ofOther = world.stream.signed(TOPIC.snapshots, world.stream.snapshotOf(other)).map((record) => ({ ...record, key: acme }));
    const wrongHash: StreamBody = { ...world.stream.snapshotOf(acme), stateHash: branded<Sha256Hex>('00'.repeat(32)) };
    const moved: StreamBody = { ...world.stream.snapshotOf(other), organisationId: acme, revision: branded<Revision>(9) };
    await world.stream.publishRaw([...ofOther, ...world.stream.signed(TOPIC.snapshots, wrongHash), { topic: TOPIC.snapshots, key: acme, value: null }]);
    const worker = await world.ready();
    expect([worker.listener.revisionOf(acme), worker.listener.refusedFor.size, world.refusedOf(worker)]).toEqual([1, 0, { 'stream.misplaced': 2, 'stream.unsigned': 1 }]);
    await world.stream.shelve(moved);
    const another = await world.ready();
    expect([...another.listener.refusedFor]).toEqual([[acme, 'stream.misplaced']]);
  });

  it('cannot put an old frontier back: what happened since is missing, and it is not fresh', async () => {
    await world.stream.append(acme, anIdentity());
    const old = world.stream.frontier();
    await world.stream.append(acme, anIdentity());
    await world.stream.stamp();
    await world.stream.shelve(old);
    world.stream.cluster.trim(TOPIC.events, 0, 2n);
    const worker = world.follow();
    await world.settle();
    await world.stream.stamp();
    await world.pass(10_000);
    expect(worker.listener.ageMs(world.clock.now())).toBeGreaterThan(S_MS);
  });

  it('cannot announce a key, and the control plane can: on either topic, from one key to the next', async () => {
    const [second, third] = [Ed25519Signer.generate(), Ed25519Signer.generate()];
    const announcement = (of: Ed25519Signer): StreamBody => ({ kind: 'key', keyId: of.keyId, publicKey: of.publicKey, announcedAt: world.clock.now() });
    await world.stream.publishRaw(world.stream.signed(TOPIC.snapshots, announcement(stranger), stranger));
    await world.stream.publishRaw(world.stream.signed(TOPIC.snapshots, announcement(second)));
    const worker = await world.ready();
    await world.stream.publishRaw(world.stream.signed(TOPIC.events, announcement(third), second));
    const [event] = world.stream.commit(acme, anIdentity());
    await world.stream.publishRaw(world.stream.signed(TOPIC.events, event as StreamBody, stranger));
    expect([worker.feed.position, world.refusedOf(worker)]).toEqual([0, { 'stream.unknown_key': 2 }]);
    await world.stream.publishRaw(world.stream.signed(TOPIC.events, event as StreamBody, third));
    expect(worker.feed.position).toBe(1);
    const lying: StreamBody = { ...announcement(stranger), keyId: '0123456789abcdef' } as StreamBody;
    await world.stream.publish(lying);
    expect(world.refusedOf(worker)).toMatchObject({ 'stream.bad_key': 1 });
  });

  it('cannot fill the log: of each reason the first is told, and later ones now and then', async () => {
    await world.ready();
    for (let n = 0; n < 100; n += 1) await world.stream.publishRaw([{ topic: TOPIC.events, key: acme, value: Uint8Array.of(9) }]);
    expect(world.faults).toEqual(['stream.unreadable_record']);
  });
});

function parts(of: Ed25519Signer): RecordSigner {
  return { keyId: of.keyId, publicKey: of.publicKey, sign: (bytes) => of.sign(bytes) };
}

function altered(value: Uint8Array | null): Uint8Array {
  return (value ?? new Uint8Array()).map((byte, at) => (at === 40 ? byte ^ 1 : byte));
}
