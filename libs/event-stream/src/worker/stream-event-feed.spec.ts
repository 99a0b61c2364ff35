import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { type Following, TOPIC } from '@sallyport/broker';
import type { FeedSubscription } from '@sallyport/event-log';
import { newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type OrganisationId, type Revision, type Sha256Hex } from '@sallyport/kernel';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import type { RecordSigner } from '@sallyport/secrets';
import { Ed25519Signer, Ed25519TrustedKeys } from '@sallyport/signatures-ed25519';
import type { StreamBody } from '@sallyport/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FoldingListener } from '../testing/folding-listener.js';
import { anIdentity, ScriptedStream } from '../testing/scripted-stream.js';
import { StreamEventFeed } from './stream-event-feed.js';
import { LOOK_MS } from './stream-follower.js';

const signer = Ed25519Signer.generate();
const S_MS = 5_000;

interface Worker {
  readonly listener: FoldingListener;
  readonly feed: StreamEventFeed;
  readonly subscription: FeedSubscription;
}

describe('a worker on the stream', () => {
  let clock: FakeClock;
  let scheduler: ManualScheduler;
  let stream: ScriptedStream;
  let faults: string[];
  let open: FeedSubscription[];
  let folder: string;
  const [acme, other] = [newOrganisationId(), newOrganisationId()];

  beforeEach(() => {
    clock = new FakeClock();
    scheduler = new ManualScheduler(clock);
    stream = new ScriptedStream(signer, clock);
    faults = [];
    open = [];
    folder = mkdtempSync(join(tmpdir(), 'sallyport-stream-'));
  });

  afterEach(async () => {
    for (const subscription of open) await subscription.close();
    rmSync(folder, { recursive: true });
  });

  const follow = (more: { cache?: string; trusted?: readonly Ed25519Signer[] } = {}): Worker => {
    const listener = new FoldingListener();
    const keys = new Ed25519TrustedKeys((more.trusted ?? [signer]).map(({ publicKey }) => publicKey));
    const feed = new StreamEventFeed({
      broker: stream.broker, keys, clock, scheduler, onFault: (fault) => void faults.push(fault.code),
      ...(more.cache === undefined ? {} : { cacheFile: join(folder, more.cache) }),
    });
    const subscription = feed.follow(listener, new Map());
    open.push(subscription);
    return { listener, feed, subscription };
  };
  /** Lets what is under way come to rest. */
  const settle = async () => {
    for (let turns = 0; turns < 30; turns += 1) await turn();
  };
  const until = async (isSo: () => boolean) => {
    await expect.poll(isSo, { interval: 1, timeout: 10_000 }).toBe(true);
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= LOOK_MS) {
      scheduler.advance(Math.min(LOOK_MS, left));
      await settle();
    }
  };
  const ready = async (more: Parameters<typeof follow>[0] = {}) => {
    const worker = follow(more);
    await settle();
    await stream.stamp();
    await until(() => worker.listener.ageMs(clock.now()) === 0);
    return worker;
  };
  const refusedOf = ({ feed }: Worker) => Object.fromEntries(feed.refused);

  describe('starting', () => {
    it('reads snapshots, the frontier, the events after it, and is fresh with a stamp', async () => {
      await stream.append(acme, anIdentity(), anIdentity());
      await stream.append(other, anIdentity());
      await stream.checkpoint();
      await stream.append(acme, anIdentity());
      const worker = follow();
      const caughtUp = worker.subscription.caughtUp();
      await settle();
      await stream.stamp();
      await caughtUp;
      expect([worker.listener.revisionOf(acme), worker.listener.revisionOf(other), worker.listener.snapshots]).toEqual([3, 1, 2]);
      expect([worker.listener.hashOf(acme), worker.listener.hashOf(other)]).toEqual([stream.snapshotOf(acme).stateHash, stream.snapshotOf(other).stateHash]);
      expect([worker.feed.position, worker.listener.ageMs(clock.now()), faults]).toEqual([4, 0, []]);
    });

    it('has, from snapshots and a tail, what another has from all events', async () => {
      await stream.append(acme, anIdentity(), anIdentity());
      const fromEvents = await ready();
      await stream.checkpoint();
      stream.cluster.trim(TOPIC.events, 0, 2n);
      await stream.append(acme, anIdentity());
      const fromSnapshot = await ready();
      expect([fromEvents.listener.snapshots, fromSnapshot.listener.snapshots]).toEqual([0, 1]);
      expect(fromSnapshot.listener.hashOf(acme)).toBe(fromEvents.listener.hashOf(acme));
    });

    it('works with the control plane down: everything is there, and nothing is fresh', async () => {
      await stream.append(acme, anIdentity());
      await stream.checkpoint();
      await stream.append(acme, anIdentity());
      await stream.stamp();
      clock.advance(600_000);
      const worker = follow();
      const caughtUp = worker.subscription.caughtUp();
      await settle();
      await pass(2 * LOOK_MS);
      await caughtUp;
      expect([worker.listener.revisionOf(acme), worker.listener.gaps]).toEqual([2, []]);
      expect(worker.listener.ageMs(clock.now())).toBeGreaterThan(S_MS);
    });

    it('needs no record of a topic that is empty', async () => {
      const worker = await ready();
      expect([worker.feed.position, faults]).toEqual([0, []]);
    });

    it('reads a week’s events only as far back as it needs', async () => {
      await stream.append(acme, anIdentity());
      await stream.checkpoint();
      for (let day = 0; day < 7; day += 1) {
        clock.advance(86_400_000);
        await stream.stamp();
      }
      const read: number[] = [];
      const { follow: original } = stream.broker;
      stream.broker.follow = (topic, options) =>
        original.call(stream.broker, topic, { ...options, onBatch: (records) => (topic === TOPIC.events && read.push(records.length), options.onBatch(records)) });
      const worker = await ready();
      expect(worker.listener.revisionOf(acme)).toBe(1);
      expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThan(4);
    });

    it('puts a large snapshot together, and takes none that lacks a part', async () => {
      await stream.append(acme, ...Array.from({ length: 60 }, () => anIdentity('x'.repeat(20_000))));
      await stream.shelve(stream.snapshotOf(acme));
      await stream.shelve(stream.frontier());
      const whole = await ready();
      expect([whole.listener.snapshots, whole.listener.revisionOf(acme)]).toEqual([1, 60]);
      const chunk = stream.cluster.records(TOPIC.snapshots).find(({ key }) => key === `${acme}#1`);
      stream.cluster.trim(TOPIC.snapshots, 0, (chunk?.offset ?? 0n) + 1n);
      stream.cluster.trim(TOPIC.events, 0, 61n);
      const torn = await ready();
      expect([torn.listener.snapshots, torn.listener.refusedFor.get(acme)]).toEqual([0, 'stream.old_snapshot']);
    });
  });

  describe('following', () => {
    it('applies each event once and in order, however often and in whatever order records come', async () => {
      const worker = await ready();
      const events = stream.commit(acme, anIdentity(), anIdentity(), anIdentity(), anIdentity(), anIdentity());
      const at = (index: number) => events[index] as StreamBody;
      await stream.publish(at(0), at(0), at(3), at(1), at(4), at(2), at(1), at(4));
      await stream.stamp();
      expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.gaps, worker.listener.refusedFor.size]).toEqual([5, 5, [], 0]);
      expect(worker.listener.ageMs(clock.now())).toBe(0);
    });

    it('repairs a gap by reading everything again, and is not fresh until then', async () => {
      const worker = await ready();
      const [lost, after] = stream.commit(acme, anIdentity(), anIdentity());
      await stream.publish(after as StreamBody);
      await stream.stamp();
      expect([worker.feed.position, worker.listener.ageMs(clock.now())]).toEqual([0, 1]);
      await stream.checkpoint();
      await pass(2 * LOOK_MS);
      expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.snapshots]).toEqual([2, 2, 1]);
      expect(faults).toContain('stream.gap');
      await stream.publish(lost as StreamBody);
      await stream.stamp();
      expect(worker.listener.ageMs(clock.now())).toBe(0);
    });

    it('follows anew when no stamps come though its consumer says nothing is wrong', async () => {
      const followings: Following[] = [];
      const { follow: original } = stream.broker;
      stream.broker.follow = (topic, options) => {
        const following = original.call(stream.broker, topic, options);
        followings.push(following);
        return following;
      };
      const worker = await ready();
      for (const following of followings) await following.close();
      await stream.append(acme, anIdentity());
      await stream.stamp();
      expect(worker.listener.revisionOf(acme)).toBe(0);
      await pass(4_000);
      expect([worker.listener.revisionOf(acme), worker.listener.gaps, faults]).toEqual([1, [], ['stream.silent']]);
    });

    it('follows anew ever more rarely while nobody stamps', async () => {
      await ready();
      await pass(60_000);
      expect(faults.filter((code) => code === 'stream.silent').length).toBeLessThan(8);
    });

    it('tells those who wait that it was closed, and nothing else after that', async () => {
      const worker = await ready();
      const waiting = expect(worker.subscription.caughtUp()).rejects.toMatchObject({ code: 'event_log.closed' });
      await worker.subscription.close();
      await waiting;
      await stream.append(acme, anIdentity());
      expect(worker.listener.revisionOf(acme)).toBe(0);
      await expect(worker.subscription.caughtUp()).rejects.toMatchObject({ code: 'event_log.closed' });
    });

    it('goes on for the others when one organisation’s event cannot be read, and ends that with a newer snapshot', async () => {
      const worker = await ready();
      await stream.append(acme, anIdentity());
      await stream.append(other, anIdentity());
      const [unread] = stream.commit(acme, anIdentity());
      await stream.publish({ ...unread, event: Uint8Array.of(0xff) } as StreamBody);
      await stream.append(other, anIdentity());
      await stream.stamp();
      expect([worker.listener.revisionOf(acme), worker.listener.revisionOf(other)]).toEqual([1, 2]);
      expect([...worker.listener.refusedFor]).toEqual([[acme, 'wire.undecodable']]);
      expect([worker.feed.position, worker.listener.ageMs(clock.now())]).toEqual([4, 0]);
      await stream.checkpoint();
      for (let beat = 0; beat < 125; beat += 1) {
        await stream.stamp();
        await pass(LOOK_MS);
      }
      expect([worker.listener.refusedFor.size, worker.listener.revisionOf(acme)]).toEqual([0, 2]);
      await stream.append(acme, anIdentity());
      expect([worker.listener.revisionOf(acme), worker.listener.gaps]).toEqual([3, []]);
    });

    it('refuses an organisation whose history is another than it took', async () => {
      const worker = await ready();
      await stream.append(acme, anIdentity(), anIdentity());
      await stream.append(other, anIdentity());
      stream.position = 1;
      await stream.publish(stream.place(stream.eventOf(acme, 2, anIdentity('somebody else'))));
      expect([...worker.listener.refusedFor]).toEqual([[acme, 'stream.contradiction']]);
      expect(worker.listener.revisionOf(acme)).toBe(2);
    });
  });

  describe('a broker that is not to be trusted', () => {
    const stranger = Ed25519Signer.generate();
    const revocation = anIdentity('forged');

    /** What whoever can write to the broker may publish, by what a worker says of it. */
    const forgeries: readonly [string, string, (of: StreamBody) => Parameters<ScriptedStream['publishRaw']>[0]][] = [
      ['a record that a stranger signed', 'stream.unknown_key', (body) => stream.signed(TOPIC.events, body, stranger)],
      ['a record that a stranger signed under the trusted key’s name', 'stream.bad_signature', (body) => stream.signed(TOPIC.events, body, { ...parts(stranger), keyId: signer.keyId })],
      ['a record without a signature', 'stream.bad_signature', (body) => stream.signed(TOPIC.events, body, { ...parts(signer), sign: () => new Uint8Array() })],
      ['a record that was altered', 'stream.bad_signature', (body) => stream.signed(TOPIC.events, body).map((record) => ({ ...record, value: altered(record.value) }))],
      ['a record of another organisation', 'stream.misplaced', (body) => stream.signed(TOPIC.events, body).map((record) => ({ ...record, key: other }))],
      ['a record of another topic', 'stream.misplaced', () => stream.signed(TOPIC.snapshots, stream.snapshotOf(acme)).map((record) => ({ ...record, topic: TOPIC.events }))],
      ['bytes that are nothing', 'stream.unreadable_record', () => [{ topic: TOPIC.events, key: acme, value: Uint8Array.of(1, 2, 3) }]],
      ['no bytes', 'stream.unsigned', () => [{ topic: TOPIC.events, key: acme, value: null }]],
    ];

    it.each(forgeries)('cannot make it take %s: it is counted, told, and never counts as a position', async (_what, code, forge) => {
      const worker = await ready();
      await stream.append(acme, anIdentity());
      const [genuine] = stream.commit(acme, revocation);
      await stream.publishRaw(forge(genuine as StreamBody));
      expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.refusedFor.size]).toEqual([1, 1, 0]);
      expect([refusedOf(worker), faults]).toEqual([{ [code]: 1 }, [code]]);
      await stream.publish(genuine as StreamBody);
      await stream.stamp();
      expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.ageMs(clock.now())]).toEqual([2, 2, 0]);
    });

    it('cannot stamp: a forged stamp leaves it as old as it was', async () => {
      const worker = await ready();
      clock.advance(S_MS + 1);
      await stream.publishRaw(stream.signed(TOPIC.events, { kind: 'stamp', committedBefore: clock.now(), position: 0 }, stranger));
      expect(worker.listener.ageMs(clock.now())).toBeGreaterThan(S_MS);
      expect(refusedOf(worker)).toEqual({ 'stream.unknown_key': 1 });
    });

    it('cannot hide a genuine stamp behind a forged one that came with it', async () => {
      const worker = await ready();
      clock.advance(1);
      const stamp: StreamBody = { kind: 'stamp', committedBefore: clock.now(), position: 0 };
      await stream.publishRaw([...stream.signed(TOPIC.events, stamp), ...stream.signed(TOPIC.events, stamp, stranger)]);
      expect(worker.listener.ageMs(clock.now())).toBe(0);
    });

    it('cannot withhold an event under fresh stamps: no stamp that covers it counts, however long and however often it is read again', async () => {
      const worker = await ready();
      stream.commit(acme, revocation);
      for (let round = 0; round < 20; round += 1) {
        await stream.stamp();
        await pass(LOOK_MS);
      }
      expect(worker.listener.ageMs(clock.now())).toBeGreaterThan(S_MS);
      expect([worker.feed.position, faults.includes('stream.gap')]).toEqual([0, true]);
    });

    it('cannot replay old stamps', async () => {
      const worker = await ready();
      const stamp: StreamBody = { kind: 'stamp', committedBefore: clock.now(), position: 0 };
      clock.advance(S_MS + 1);
      await stream.publish(stamp);
      expect(worker.listener.ageMs(clock.now())).toBeGreaterThan(S_MS);
    });

    it('cannot put an old snapshot back: the organisation is refused, and no other', async () => {
      await stream.append(acme, anIdentity());
      await stream.append(other, anIdentity());
      const old = stream.snapshotOf(acme);
      await stream.append(acme, anIdentity());
      await stream.checkpoint();
      await stream.shelve(old);
      stream.cluster.compact(TOPIC.snapshots);
      stream.cluster.trim(TOPIC.events, 0, 3n);
      const worker = await ready();
      expect([...worker.listener.refusedFor]).toEqual([[acme, 'stream.old_snapshot']]);
      expect([worker.listener.revisionOf(other), worker.listener.ageMs(clock.now())]).toEqual([1, 0]);
    });

    it('cannot give one organisation another’s snapshot, nor an altered one, nor take one away', async () => {
      await stream.append(acme, anIdentity());
      await stream.append(other, anIdentity());
      await stream.checkpoint();
      const ofOther = stream.signed(TOPIC.snapshots, stream.snapshotOf(other)).map((record) => ({ ...record, key: acme }));
      const wrongHash: StreamBody = { ...stream.snapshotOf(acme), stateHash: branded<Sha256Hex>('00'.repeat(32)) };
      const moved: StreamBody = { ...stream.snapshotOf(other), organisationId: acme, revision: branded<Revision>(9) };
      await stream.publishRaw([...ofOther, ...stream.signed(TOPIC.snapshots, wrongHash), { topic: TOPIC.snapshots, key: acme, value: null }]);
      const worker = await ready();
      expect([worker.listener.revisionOf(acme), worker.listener.refusedFor.size, refusedOf(worker)]).toEqual([1, 0, { 'stream.misplaced': 2, 'stream.unsigned': 1 }]);
      await stream.shelve(moved);
      const another = await ready();
      expect([...another.listener.refusedFor]).toEqual([[acme, 'stream.misplaced']]);
    });

    it('cannot put an old frontier back: what happened since is missing, and it is not fresh', async () => {
      await stream.append(acme, anIdentity());
      const old = stream.frontier();
      await stream.append(acme, anIdentity());
      await stream.stamp();
      await stream.shelve(old);
      stream.cluster.trim(TOPIC.events, 0, 2n);
      const worker = follow();
      await settle();
      await stream.stamp();
      await pass(10_000);
      expect(worker.listener.ageMs(clock.now())).toBeGreaterThan(S_MS);
    });

    it('cannot announce a key, and the control plane can: on either topic, from one key to the next', async () => {
      const [second, third] = [Ed25519Signer.generate(), Ed25519Signer.generate()];
      const announcement = (of: Ed25519Signer): StreamBody => ({ kind: 'key', keyId: of.keyId, publicKey: of.publicKey, announcedAt: clock.now() });
      await stream.publishRaw(stream.signed(TOPIC.snapshots, announcement(stranger), stranger));
      await stream.publishRaw(stream.signed(TOPIC.snapshots, announcement(second)));
      const worker = await ready();
      await stream.publishRaw(stream.signed(TOPIC.events, announcement(third), second));
      const [event] = stream.commit(acme, anIdentity());
      await stream.publishRaw(stream.signed(TOPIC.events, event as StreamBody, stranger));
      expect([worker.feed.position, refusedOf(worker)]).toEqual([0, { 'stream.unknown_key': 2 }]);
      await stream.publishRaw(stream.signed(TOPIC.events, event as StreamBody, third));
      expect(worker.feed.position).toBe(1);
      const lying: StreamBody = { ...announcement(stranger), keyId: '0123456789abcdef' } as StreamBody;
      await stream.publish(lying);
      expect(refusedOf(worker)).toMatchObject({ 'stream.bad_key': 1 });
    });

    it('cannot fill the log: of each reason the first is told, and later ones now and then', async () => {
      await ready();
      for (let n = 0; n < 100; n += 1) await stream.publishRaw([{ topic: TOPIC.events, key: acme, value: Uint8Array.of(9) }]);
      expect(faults).toEqual(['stream.unreadable_record']);
    });
  });

  describe('its own copy of the stream', () => {
    const reached = async (worker: Worker, organisationId: OrganisationId, revision: number) => until(() => worker.listener.revisionOf(organisationId) === revision);
    /** A worker that kept a copy of two organisations and has ended. */
    const kept = async () => {
      await stream.append(acme, anIdentity());
      await stream.append(other, anIdentity());
      await stream.checkpoint();
      await stream.append(acme, anIdentity());
      const worker = await ready({ cache: 'copy' });
      await stream.append(acme, anIdentity());
      clock.advance(S_MS);
      await stream.stamp();
      await worker.subscription.close();
      return worker;
    };

    it('lets it start without the broker, as far as it was, stamp included', async () => {
      const before = await kept();
      stream.cluster.setReachable(false);
      const worker = follow({ cache: 'copy' });
      await reached(worker, acme, 3);
      await until(() => worker.listener.stamps.length > 0);
      expect([worker.listener.hashOf(acme), worker.listener.hashOf(other)]).toEqual([before.listener.hashOf(acme), before.listener.hashOf(other)]);
      expect([worker.feed.position, worker.listener.ageMs(clock.now()), worker.listener.gaps]).toEqual([4, 0, []]);
    });

    it('saves it the snapshots, and it goes on adding to the copy', async () => {
      await kept();
      await stream.append(other, anIdentity());
      const worker = await ready({ cache: 'copy' });
      await reached(worker, other, 2);
      expect([worker.listener.snapshots, worker.listener.revisionOf(acme)]).toEqual([2, 3]);
      await worker.subscription.close();
      stream.cluster.setReachable(false);
      await reached(follow({ cache: 'copy' }), other, 2);
      expect(faults.filter((code) => !code.startsWith('broker.'))).toEqual([]);
    });

    it('is read again from snapshots when events were dropped that it lacks', async () => {
      await kept();
      await stream.append(acme, anIdentity());
      await stream.checkpoint();
      stream.cluster.trim(TOPIC.events, 0, 8n);
      const worker = follow({ cache: 'copy' });
      await reached(worker, acme, 3);
      await settle();
      await stream.stamp();
      expect(worker.listener.ageMs(clock.now())).toBeGreaterThan(0);
      await pass(2 * LOOK_MS);
      await reached(worker, acme, 4);
      await stream.stamp();
      await until(() => worker.listener.ageMs(clock.now()) === 0);
      expect([worker.listener.snapshots, worker.listener.gaps]).toEqual([3, []]);
    });

    it.each([
      ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 9)],
      ['altered in the middle', (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === Math.floor(bytes.length / 2) ? byte ^ 1 : byte)))],
      ['of another form', (bytes: Buffer) => Buffer.concat([Buffer.from('x'), bytes])],
      ['empty', () => Buffer.alloc(0)],
    ])('is not used from where it is %s, with a line in the log, and made anew', async (_how, damage) => {
      await kept();
      const path = join(folder, 'copy');
      writeFileSync(path, damage(readFileSync(path)));
      const worker = await ready({ cache: 'copy' });
      expect(faults).toContain('stream.bad_cache');
      expect([worker.listener.revisionOf(acme), worker.listener.revisionOf(other), worker.listener.gaps, worker.listener.refusedFor.size]).toEqual([3, 1, [], 0]);
      await worker.subscription.close();
      faults.length = 0;
      stream.cluster.setReachable(false);
      await reached(follow({ cache: 'copy' }), acme, 3);
      expect(faults).not.toContain('stream.bad_cache');
    });

    it('is believed no more than the broker: a record that a stranger wrote into it ends its reading', async () => {
      await kept();
      const path = join(folder, 'copy');
      const [forged] = stream.signed(TOPIC.events, stream.commit(acme, anIdentity())[0] as StreamBody, Ed25519Signer.generate());
      writeFileSync(path, Buffer.concat([readFileSync(path), frame(acme, forged?.value ?? new Uint8Array())]));
      stream.cluster.setReachable(false);
      const worker = follow({ cache: 'copy' });
      await until(() => faults.includes('stream.bad_cache'));
      expect(worker.listener.revisionOf(acme)).toBe(3);
      expect(refusedOf(worker)).toEqual({ 'stream.unknown_key': 1 });
    });

    it('is given up where it cannot be written, and following goes on', async () => {
      await stream.append(acme, anIdentity());
      await stream.checkpoint();
      const worker = await ready({ cache: 'no-such-folder/copy' });
      expect([worker.listener.revisionOf(acme), faults]).toEqual([1, ['stream.bad_cache']]);
      expect(existsSync(join(folder, 'no-such-folder'))).toBe(false);
    });
  });
});

function parts(of: Ed25519Signer): RecordSigner {
  return { keyId: of.keyId, publicKey: of.publicKey, sign: (bytes) => of.sign(bytes) };
}

function altered(value: Uint8Array | null): Uint8Array {
  return (value ?? new Uint8Array()).map((byte, at) => (at === 40 ? byte ^ 1 : byte));
}

/** A record of the events' topic as the cache frames it. */
function frame(key: string, value: Uint8Array): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(1, 0);
  head.writeUInt16BE(key.length, 1);
  head.writeUInt32BE(value.length, 3);
  return Buffer.concat([head, Buffer.from(key), value]);
}
