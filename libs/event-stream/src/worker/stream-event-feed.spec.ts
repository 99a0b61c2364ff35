import { type Following, TOPIC } from '@sallyport/broker';
import { newOrganisationId } from '@sallyport/event-log/testing';
import type { StreamBody } from '@sallyport/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { anIdentity } from '../testing/scripted-stream.js';
import { StreamWorld } from '../testing/stream-world.js';
import { LOOK_MS } from './stream-follower.js';

/** How old a worker's state may be, ms. */
const S_MS = 5_000;

describe('a worker on the stream', () => {
  let world: StreamWorld;
  const [acme, other] = [newOrganisationId(), newOrganisationId()];

  beforeEach(() => {
    world = new StreamWorld();
  });

  afterEach(() => world.end());

  describe('starting', () => {
    it('reads snapshots, the frontier, the events after it, and is fresh with a stamp', async () => {
      await world.stream.append(acme, anIdentity(), anIdentity());
      await world.stream.append(other, anIdentity());
      await world.stream.checkpoint();
      await world.stream.append(acme, anIdentity());
      const worker = world.follow();
      const caughtUp = worker.subscription.caughtUp();
      await world.settle();
      await world.stream.stamp();
      await caughtUp;
      expect([worker.listener.revisionOf(acme), worker.listener.revisionOf(other), worker.listener.snapshots]).toEqual([3, 1, 2]);
      expect([worker.listener.hashOf(acme), worker.listener.hashOf(other)]).toEqual([world.stream.snapshotOf(acme).stateHash, world.stream.snapshotOf(other).stateHash]);
      expect([worker.feed.position, worker.listener.ageMs(world.clock.now()), world.faults]).toEqual([4, 0, []]);
    });

    it('has, from snapshots and a tail, what another has from all events', async () => {
      await world.stream.append(acme, anIdentity(), anIdentity());
      const fromEvents = await world.ready();
      await world.stream.checkpoint();
      world.stream.cluster.trim(TOPIC.events, 0, 2n);
      await world.stream.append(acme, anIdentity());
      const fromSnapshot = await world.ready();
      expect([fromEvents.listener.snapshots, fromSnapshot.listener.snapshots]).toEqual([0, 1]);
      expect(fromSnapshot.listener.hashOf(acme)).toBe(fromEvents.listener.hashOf(acme));
    });

    it('works with the control plane down: everything is there, and nothing is fresh', async () => {
      await world.stream.append(acme, anIdentity());
      await world.stream.checkpoint();
      await world.stream.append(acme, anIdentity());
      await world.stream.stamp();
      world.clock.advance(600_000);
      const worker = world.follow();
      const caughtUp = worker.subscription.caughtUp();
      await world.settle();
      await world.pass(2 * LOOK_MS);
      await caughtUp;
      expect([worker.listener.revisionOf(acme), worker.listener.gaps]).toEqual([2, []]);
      expect(worker.listener.ageMs(world.clock.now())).toBeGreaterThan(S_MS);
    });

    it('needs no record of a topic that is empty', async () => {
      const worker = await world.ready();
      expect([worker.feed.position, world.faults]).toEqual([0, []]);
    });

    it('reads a week’s events only as far back as it needs', async () => {
      await world.stream.append(acme, anIdentity());
      await world.stream.checkpoint();
      for (let day = 0; day < 7; day += 1) {
        world.clock.advance(86_400_000);
        await world.stream.stamp();
      }
      const read: number[] = [];
      const { follow: original } = world.stream.broker;
      world.stream.broker.follow = (topic, options) =>
        original.call(world.stream.broker, topic, { ...options, onBatch: (records) => (topic === TOPIC.events && read.push(records.length), options.onBatch(records)) });
      const worker = await world.ready();
      expect(worker.listener.revisionOf(acme)).toBe(1);
      expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThan(4);
    });

    it('puts a large snapshot together, and takes none that lacks a part', async () => {
      await world.stream.append(acme, ...Array.from({ length: 60 }, () => anIdentity('x'.repeat(20_000))));
      await world.stream.shelve(world.stream.snapshotOf(acme));
      await world.stream.shelve(world.stream.frontier());
      const whole = await world.ready();
      expect([whole.listener.snapshots, whole.listener.revisionOf(acme)]).toEqual([1, 60]);
      const chunk = world.stream.cluster.records(TOPIC.snapshots).find(({ key }) => key === `${acme}#1`);
      world.stream.cluster.trim(TOPIC.snapshots, 0, (chunk?.offset ?? 0n) + 1n);
      world.stream.cluster.trim(TOPIC.events, 0, 61n);
      const torn = await world.ready();
      expect([torn.listener.snapshots, torn.listener.refusedFor.get(acme)]).toEqual([0, 'stream.old_snapshot']);
    });
  });

  describe('following', () => {
    it('applies each event once and in order, however often and in whatever order records come', async () => {
      const worker = await world.ready();
      const events = world.stream.commit(acme, anIdentity(), anIdentity(), anIdentity(), anIdentity(), anIdentity());
      const at = (index: number) => events[index] as StreamBody;
      await world.stream.publish(at(0), at(0), at(3), at(1), at(4), at(2), at(1), at(4));
      await world.stream.stamp();
      expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.gaps, worker.listener.refusedFor.size]).toEqual([5, 5, [], 0]);
      expect(worker.listener.ageMs(world.clock.now())).toBe(0);
    });

    it('repairs a gap by reading everything again, and is not fresh until then', async () => {
      const worker = await world.ready();
      const [lost, after] = world.stream.commit(acme, anIdentity(), anIdentity());
      await world.stream.publish(after as StreamBody);
      await world.stream.stamp();
      expect([worker.feed.position, worker.listener.ageMs(world.clock.now())]).toEqual([0, 1]);
      await world.stream.checkpoint();
      await world.pass(2 * LOOK_MS);
      expect([worker.feed.position, worker.listener.revisionOf(acme), worker.listener.snapshots]).toEqual([2, 2, 1]);
      expect(world.faults).toContain('stream.gap');
      await world.stream.publish(lost as StreamBody);
      await world.stream.stamp();
      expect(worker.listener.ageMs(world.clock.now())).toBe(0);
    });

    it('follows anew when no stamps come though its consumer says nothing is wrong', async () => {
      const followings: Following[] = [];
      const { follow: original } = world.stream.broker;
      world.stream.broker.follow = (topic, options) => {
        const following = original.call(world.stream.broker, topic, options);
        followings.push(following);
        return following;
      };
      const worker = await world.ready();
      for (const following of followings) await following.close();
      await world.stream.append(acme, anIdentity());
      await world.stream.stamp();
      expect(worker.listener.revisionOf(acme)).toBe(0);
      await world.pass(4_000);
      expect([worker.listener.revisionOf(acme), worker.listener.gaps, world.faults]).toEqual([1, [], ['stream.silent']]);
    });

    it('begins again when its first reading failed, and is fresh then', async () => {
      const { follow: original } = world.stream.broker;
      let failures = 2;
      world.stream.broker.follow = (topic, options) => {
        if (failures-- > 0) throw new Error('no connection');
        return original.call(world.stream.broker, topic, options);
      };
      await world.stream.append(acme, anIdentity());
      await world.stream.checkpoint();
      const worker = world.follow();
      await world.settle();
      expect([worker.listener.revisionOf(acme), world.faults]).toEqual([0, ['stream.failed']]);
      await world.pass(10_000);
      await world.stream.stamp();
      expect([worker.listener.revisionOf(acme), worker.listener.ageMs(world.clock.now())]).toEqual([1, 0]);
    });

    it('follows anew ever more rarely while nobody stamps', async () => {
      await world.ready();
      await world.pass(60_000);
      expect(world.faults.filter((code) => code === 'stream.silent').length).toBeLessThan(8);
    });

    it('tells those who wait that it was closed, and nothing else after that', async () => {
      const worker = await world.ready();
      const waiting = expect(worker.subscription.caughtUp()).rejects.toMatchObject({ code: 'event_log.closed' });
      await worker.subscription.close();
      await waiting;
      await world.stream.append(acme, anIdentity());
      expect(worker.listener.revisionOf(acme)).toBe(0);
      await expect(worker.subscription.caughtUp()).rejects.toMatchObject({ code: 'event_log.closed' });
    });

    it('goes on for the others when one organisation’s event cannot be read, and ends that with a newer snapshot', async () => {
      const worker = await world.ready();
      await world.stream.append(acme, anIdentity());
      await world.stream.append(other, anIdentity());
      const [unread] = world.stream.commit(acme, anIdentity());
      await world.stream.publish({ ...unread, event: Uint8Array.of(0xff) } as StreamBody);
      await world.stream.append(other, anIdentity());
      await world.stream.stamp();
      expect([worker.listener.revisionOf(acme), worker.listener.revisionOf(other)]).toEqual([1, 2]);
      expect([...worker.listener.refusedFor]).toEqual([[acme, 'wire.undecodable']]);
      expect([worker.feed.position, worker.listener.ageMs(world.clock.now())]).toEqual([4, 0]);
      await world.stream.checkpoint();
      for (let beat = 0; beat < 125; beat += 1) {
        await world.stream.stamp();
        await world.pass(LOOK_MS);
      }
      expect([worker.listener.refusedFor.size, worker.listener.revisionOf(acme)]).toEqual([0, 2]);
      await world.stream.append(acme, anIdentity());
      expect([worker.listener.revisionOf(acme), worker.listener.gaps]).toEqual([3, []]);
    });

    it('refuses an organisation whose history is another than it took', async () => {
      const worker = await world.ready();
      await world.stream.append(acme, anIdentity(), anIdentity());
      await world.stream.append(other, anIdentity());
      world.stream.position = 1;
      await world.stream.publish(world.stream.place(world.stream.eventOf(acme, 2, anIdentity('somebody else'))));
      expect([...worker.listener.refusedFor]).toEqual([[acme, 'stream.contradiction']]);
      expect(worker.listener.revisionOf(acme)).toBe(2);
    });
  });
});
