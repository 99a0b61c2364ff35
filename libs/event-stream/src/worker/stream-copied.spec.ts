import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { TOPIC } from '@sallyport/broker';
import { newOrganisationId } from '@sallyport/event-log/testing';
import type { OrganisationId } from '@sallyport/kernel';
import { Ed25519Signer } from '@sallyport/signatures-ed25519';
import type { StreamBody } from '@sallyport/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { anIdentity } from '../testing/scripted-stream.js';
import { type FollowingWorker, StreamWorld } from '../testing/stream-world.js';
import { LOOK_MS } from './stream-follower.js';

/** How old a worker's state may be, ms. */
const S_MS = 5_000;

describe('a worker’s own copy of the stream', () => {
  let world: StreamWorld;
  const [acme, other] = [newOrganisationId(), newOrganisationId()];

  beforeEach(() => {
    world = new StreamWorld();
  });

  afterEach(() => world.end());

  const reached = async (worker: FollowingWorker, organisationId: OrganisationId, revision: number) => world.until(() => worker.listener.revisionOf(organisationId) === revision);
  /** A worker that kept a copy of two organisations and has ended. */
  const kept = async () => {
    await world.stream.append(acme, anIdentity());
    await world.stream.append(other, anIdentity());
    await world.stream.checkpoint();
    await world.stream.append(acme, anIdentity());
    const worker = await world.ready({ cache: 'copy' });
    await world.stream.append(acme, anIdentity());
    world.clock.advance(S_MS);
    await world.stream.stamp();
    await worker.subscription.close();
    return worker;
  };

  it('lets it start without the broker, as far as it was, stamp included once that is too old for whoever is strict', async () => {
    const before = await kept();
    world.stream.cluster.setReachable(false);
    const worker = world.follow({ cache: 'copy' });
    await reached(worker, acme, 3);
    await world.pass(S_MS);
    expect(worker.listener.stamps).toEqual([]);
    await world.pass(LOOK_MS);
    expect(worker.listener.stamps).toHaveLength(1);
    expect([worker.listener.hashOf(acme), worker.listener.hashOf(other)]).toEqual([before.listener.hashOf(acme), before.listener.hashOf(other)]);
    expect([worker.feed.position, worker.listener.ageMs(world.clock.now()), worker.listener.gaps]).toEqual([4, S_MS + LOOK_MS, []]);
  });

  it('holds what was applied as soon as it is: a worker that was killed is not behind its own word', async () => {
    await world.stream.append(acme, anIdentity());
    await world.stream.checkpoint();
    const killed = await world.ready({ cache: 'copy' });
    await world.stream.append(acme, anIdentity());
    await reached(killed, acme, 2);
    copyFileSync(join(world.folder, 'copy'), join(world.folder, 'as it was left'));
    world.stream.cluster.setReachable(false);
    await reached(world.follow({ cache: 'as it was left' }), acme, 2);
  });

  it('saves it the snapshots, and it goes on adding to the copy', async () => {
    await kept();
    await world.stream.append(other, anIdentity());
    const worker = await world.ready({ cache: 'copy' });
    await reached(worker, other, 2);
    expect([worker.listener.snapshots, worker.listener.revisionOf(acme)]).toEqual([2, 3]);
    await worker.subscription.close();
    world.stream.cluster.setReachable(false);
    await reached(world.follow({ cache: 'copy' }), other, 2);
    expect(world.faults.filter((code) => !code.startsWith('broker.'))).toEqual([]);
  });

  it('is read again from snapshots when events were dropped that it lacks', async () => {
    await kept();
    await world.stream.append(acme, anIdentity());
    await world.stream.checkpoint();
    world.stream.cluster.trim(TOPIC.events, 0, 8n);
    const worker = world.follow({ cache: 'copy' });
    await reached(worker, acme, 3);
    await world.settle();
    await world.stream.stamp();
    expect(worker.listener.ageMs(world.clock.now())).toBeGreaterThan(0);
    await world.pass(2 * LOOK_MS);
    await reached(worker, acme, 4);
    await world.stream.stamp();
    await world.until(() => worker.listener.ageMs(world.clock.now()) === 0);
    expect([worker.listener.snapshots, worker.listener.gaps]).toEqual([3, []]);
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 9)],
    ['altered in the middle', (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === Math.floor(bytes.length / 2) ? byte ^ 1 : byte)))],
    ['of another form', (bytes: Buffer) => Buffer.concat([Buffer.from('x'), bytes])],
    ['empty', () => Buffer.alloc(0)],
  ])('is not used from where it is %s, with a line in the log, and made anew', async (_how, damage) => {
    await kept();
    const path = join(world.folder, 'copy');
    writeFileSync(path, damage(readFileSync(path)));
    const worker = await world.ready({ cache: 'copy' });
    expect(world.faults).toContain('stream.bad_cache');
    expect([worker.listener.revisionOf(acme), worker.listener.revisionOf(other), worker.listener.gaps, worker.listener.refusedFor.size]).toEqual([3, 1, [], 0]);
    await worker.subscription.close();
    world.faults.length = 0;
    world.stream.cluster.setReachable(false);
    await reached(world.follow({ cache: 'copy' }), acme, 3);
    expect(world.faults).not.toContain('stream.bad_cache');
  });

  it('is believed no more than the broker: a record that a stranger wrote into it ends its reading', async () => {
    await kept();
    const path = join(world.folder, 'copy');
    const [forged] = world.stream.signed(TOPIC.events, world.stream.commit(acme, anIdentity())[0] as StreamBody, Ed25519Signer.generate());
    writeFileSync(path, Buffer.concat([readFileSync(path), frame(acme, forged?.value ?? new Uint8Array())]));
    world.stream.cluster.setReachable(false);
    const worker = world.follow({ cache: 'copy' });
    await world.until(() => world.faults.includes('stream.bad_cache'));
    expect(worker.listener.revisionOf(acme)).toBe(3);
    expect(world.refusedOf(worker)).toEqual({ 'stream.unknown_key': 1 });
  });

  it('is given up where it cannot be written, and following goes on', async () => {
    await world.stream.append(acme, anIdentity());
    await world.stream.checkpoint();
    const worker = await world.ready({ cache: 'no-such-folder/copy' });
    expect([worker.listener.revisionOf(acme), world.faults]).toEqual([1, ['stream.bad_cache']]);
    expect(existsSync(join(world.folder, 'no-such-folder'))).toBe(false);
  });
});

/** A record of the events' topic as the cache frames it. */
function frame(key: string, value: Uint8Array): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(1, 0);
  head.writeUInt16BE(key.length, 1);
  head.writeUInt32BE(value.length, 3);
  return Buffer.concat([head, Buffer.from(key), value]);
}
