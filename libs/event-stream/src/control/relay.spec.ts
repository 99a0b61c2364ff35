import { deploymentTopics, MemoryBroker, MemoryCluster, TOPIC, type Publication } from '@sallyport/broker';
import { MemoryEventLog, MemoryOutbox, type Outbox } from '@sallyport/event-log';
import { aDraft, anAppend, newIdentity, newOrganisationId } from '@sallyport/event-log/testing';
import { branded, type IdentityId, type OrganisationId } from '@sallyport/kernel';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';
import type { FrontierRecord, SnapshotRecord, StampRecord } from '@sallyport/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkStream, readStream } from '../testing/read-stream.js';
import { TestKey } from '../testing/test-key.js';
import { Relay, type RelayParts } from './relay.js';
import { signedPublications } from './signed-publications.js';

/** A broker whose next publish can be held up, as by a process that stands still. */
class GatedBroker extends MemoryBroker {
  private gate: Promise<void> | undefined;
  held = 0;

  /** Holds publishes up until the answer is called. */
  hold(): () => void {
    let open: () => void = () => undefined;
    this.gate = new Promise((resolve) => (open = resolve));
    return () => {
      this.gate = undefined;
      open();
    };
  }

  override async publish(records: readonly Publication[]): Promise<void> {
    if (this.gate !== undefined) {
      this.held += 1;
      await this.gate;
    }
    await super.publish(records);
  }
}

describe('the relay', () => {
  const key = new TestKey('key-1');
  let cluster: MemoryCluster;
  let clock: FakeClock;
  let scheduler: ManualScheduler;
  let log: MemoryEventLog;
  let outbox: MemoryOutbox;
  let faults: string[];
  let relays: Relay[];
  beforeEach(async () => {
    cluster = new MemoryCluster();
    await new MemoryBroker(cluster).ensureTopics(deploymentTopics(1));
    clock = new FakeClock();
    scheduler = new ManualScheduler(clock);
    log = new MemoryEventLog();
    outbox = new MemoryOutbox(log);
    faults = [];
    relays = [];
  });
  afterEach(async () => {
    for (const relay of relays) await relay.close();
  });
  const start = (change: Partial<RelayParts> = {}): Relay => {
    const relay = new Relay({
      outbox, log, broker: new MemoryBroker(cluster), signer: key, verifier: key, clock, scheduler,
      onFault: (fault) => faults.push(fault.code), ...change,
    });
    relays.push(relay);
    return relay;
  };
  /** Lets what is under way come to rest; nothing here waits for a clock. */
  const settle = async () => {
    for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      scheduler.advance(Math.min(50, left));
      await settle();
    }
  };
  const append = (organisationId: OrganisationId) => {
    const object = newIdentity();
    const identityId = branded<IdentityId>(object.id);
    const created = aDraft(object, { type: 'identity.created', version: 2, data: { identityId, name: 'bot', kind: 'agent', labels: {}, groups: [] } });
    return log.append(anAppend(organisationId, [], { events: [created] }));
  };
  const stream = (by = key) => readStream(cluster, TOPIC.events, by);
  const stamps = () => stream().filter((body): body is StampRecord => body.kind === 'stamp');
  const snapshots = () => readStream(cluster, TOPIC.snapshots, key);

  it('publishes what is committed at once, each event under its organisation and signed', async () => {
    start();
    await settle();
    const organisation = newOrganisationId();
    await append(organisation);
    await settle();
    expect(checkStream(stream())).toMatchObject({ applied: 1, order: [`${organisation}/1`], broken: [] });
    expect(stream().find((body) => body.kind === 'event')).toMatchObject({ position: 1, organisationId: organisation, revision: 1 });
  });

  it('stamps every 500 ms with a time from before it looked, and the position it covers', async () => {
    const started = clock.now();
    start();
    await settle();
    await pass(2_600);
    await append(newOrganisationId());
    await pass(500);
    const all = stamps();
    expect(all.map((stamp) => stamp.committedBefore - started)).toEqual([0, 500, 1000, 1500, 2000, 2500, 3000]);
    expect(all.map((stamp) => stamp.position)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(checkStream(stream()).broken).toEqual([]);
  });

  it('takes a stamp’s time before it looks: what is committed while it looks is not covered', async () => {
    const organisation = newOrganisationId();
    let committedAt = 0;
    const slow: Outbox = {
      close: () => outbox.close(),
      tryLead: async (listener) => {
        const lease = await outbox.tryLead(listener);
        if (lease === undefined) return undefined;
        const place = async () => {
          const newest = await lease.place();
          clock.advance(400);
          if (committedAt === 0) await append(organisation);
          committedAt ||= clock.now();
          clock.advance(400);
          return newest;
        };
        return { ...lease, place };
      },
    };
    start({ outbox: slow });
    await settle();
    expect(stamps()).toMatchObject([{ position: 0 }, { position: 1 }]);
    expect(stamps().map((stamp) => stamp.committedBefore > committedAt)).toEqual([false, true]);
  });

  it('keeps the order of positions over many organisations', async () => {
    start();
    const organisations = [newOrganisationId(), newOrganisationId(), newOrganisationId()];
    for (let n = 0; n < 30; n += 1) {
      await append(organisations[n % 3] ?? newOrganisationId());
      if (n % 7 === 0) await settle();
    }
    await settle();
    const { applied, order, broken, repeated } = checkStream(stream());
    expect({ applied, broken, repeated }).toEqual({ applied: 30, broken: [], repeated: 0 });
    for (const id of organisations) expect(order.filter((one) => one.startsWith(id))).toEqual(Array.from({ length: 10 }, (_, n) => `${id}/${n + 1}`));
  });

  it('stamps nothing while the broker is away, tries again ever less often, and goes on without a gap', async () => {
    start();
    await pass(600);
    const before = stamps().length;
    cluster.setReachable(false);
    await append(newOrganisationId());
    await pass(10_000);
    expect(faults.filter((code) => code === 'broker.unreachable').length).toBeLessThan(14);
    cluster.setReachable(true);
    await pass(2_100);
    expect(stamps()[before]).toMatchObject({ position: 1 });
    expect(checkStream(stream())).toMatchObject({ applied: 1, broken: [] });
  });

  it('lets one lead and the other stand by until the lead is free', async () => {
    const first = start();
    await settle();
    const second = start();
    await pass(1_000);
    expect([first.leading, second.leading]).toEqual([true, false]);
    await first.close();
    await pass(300);
    expect(second.leading).toBe(true);
    await append(newOrganisationId());
    await pass(500);
    expect(checkStream(stream())).toMatchObject({ applied: 1, broken: [] });
  });

  it('does no harm when it was held up, lost the lead, and goes on later: in the midst of a batch', async () => {
    const gated = new GatedBroker(cluster);
    const zombie = start({ broker: gated });
    await pass(100);
    const organisation = newOrganisationId();
    const release = gated.hold();
    for (let n = 0; n < 5; n += 1) await append(organisation);
    await settle();
    expect(gated.held).toBe(1);

    outbox.sever();
    const other = start();
    await pass(300);
    expect(other.leading).toBe(true);
    for (let n = 0; n < 5; n += 1) await append(organisation);
    await pass(1_000);
    expect(checkStream(stream())).toMatchObject({ applied: 10, repeated: 0, broken: [] });

    release();
    await pass(1_000);
    const after = checkStream(stream());
    expect(after).toMatchObject({ applied: 10, broken: [] });
    expect(after.repeated).toBeGreaterThan(0);
    expect(zombie.leading).toBe(false);
    await append(organisation);
    await settle();
    expect(checkStream(stream())).toMatchObject({ applied: 11, broken: [] });
  });

  it('does no harm when it was held up with a stamp in hand: the stamp is as old as the look it was made from', async () => {
    const gated = new GatedBroker(cluster);
    start({ broker: gated });
    await pass(460);
    const release = gated.hold();
    await pass(100);
    expect(gated.held).toBeGreaterThan(0);
    const heldAt = clock.now();

    outbox.sever();
    start();
    await append(newOrganisationId());
    await pass(9_000);
    const before = stamps().length;
    release();
    await settle();
    const late = stamps().slice(before);
    expect(late).toHaveLength(1);
    expect(late[0]?.committedBefore).toBeLessThanOrEqual(heldAt);
    expect(checkStream(stream()).broken).toEqual([]);
  });

  it('announces its key by the one that workers trust already', async () => {
    const next = new TestKey('key-2');
    start({ signer: next, verifier: next, announcedBy: key });
    await settle();
    const [announced] = cluster.records(TOPIC.events);
    expect(announced?.key).toBe('_key/key-2');
    cluster.compact(TOPIC.snapshots);
    expect(cluster.records(TOPIC.snapshots).map((record) => record.key)).toContain('_key/key-2');
  });

  describe('and its snapshots', () => {
    const frontier = () => snapshots().filter((body): body is FrontierRecord => body.kind === 'frontier').at(-1);
    const newestOf = (id: OrganisationId) => snapshots().filter((body): body is SnapshotRecord => body.kind === 'snapshot' && body.organisationId === id).at(-1);

    it('come with a frontier that names each, from the first checkpoint on', async () => {
      const [one, other] = [newOrganisationId(), newOrganisationId()];
      await append(one);
      await append(one);
      await append(other);
      start();
      await pass(2_000);
      expect(frontier()).toMatchObject({ position: 3, snapshots: new Map([[one, 2], [other, 1]]) });
      expect([newestOf(one)?.revision, newestOf(other)?.revision]).toEqual([2, 1]);
    });

    it('are made of organisations that moved, after a number of events or some time', async () => {
      start({ snapshots: { everyEvents: 10, everyMs: 30_000 } });
      const [one, other] = [newOrganisationId(), newOrganisationId()];
      await append(one);
      await append(other);
      await pass(40_000);
      const before = snapshots().length;
      await append(one);
      await pass(5_000);
      await pass(20_000);
      await append(one);
      expect(snapshots().length).toBeLessThanOrEqual(before + 2);
      await pass(31_000);
      expect(newestOf(one)?.revision).toBe(3);
      expect(snapshots().filter((body) => body.kind === 'snapshot' && body.organisationId === other)).toHaveLength(1);
      for (let n = 0; n < 10; n += 1) await append(other);
      await pass(2_000);
      expect(newestOf(other)?.revision).toBe(11);
      expect(frontier()?.snapshots.get(other)).toBe(11);
    });

    it('are gone on from by the next leader, and made anew from the first event when asked', async () => {
      const organisation = newOrganisationId();
      await append(organisation);
      const first = start();
      await pass(2_000);
      await first.close();
      const before = snapshots().length;
      const second = start();
      await pass(3_000);
      expect(snapshots().length).toBe(before);
      expect(second.rebuildSnapshots()).toBe(true);
      await pass(2_000);
      expect(snapshots().length).toBe(before + 2);
      expect(newestOf(organisation)?.revision).toBe(1);
    });

    it('are published again when somebody else wrote in their place', async () => {
      const organisation = newOrganisationId();
      await append(organisation);
      start();
      await pass(2_000);
      await append(organisation);
      await pass(40_000);
      const good = newestOf(organisation);
      expect(good?.revision).toBe(2);

      const stranger = new TestKey('stranger');
      const broker = new MemoryBroker(cluster);
      if (good === undefined) throw new Error('no snapshot');
      await broker.publish(signedPublications(stranger, TOPIC.snapshots, { ...good, revision: branded(9) }));
      await pass(7_000);
      expect(faults).toContain('relay.spoiled_snapshot');
      cluster.compact(TOPIC.snapshots);
      expect(newestOf(organisation)).toEqual(good);

      await broker.publish([{ topic: TOPIC.snapshots, key: organisation, value: null }]);
      await broker.publish([{ topic: TOPIC.snapshots, key: '_frontier', value: Buffer.from('nonsense') }]);
      await pass(7_000);
      cluster.compact(TOPIC.snapshots);
      expect(newestOf(organisation)).toEqual(good);
      expect(frontier()?.snapshots.get(organisation)).toBe(2);
    });

    it('of an organisation that cannot be folded stay behind what the frontier names, and the others go on', async () => {
      const [broken, fine] = [newOrganisationId(), newOrganisationId()];
      await log.append(anAppend(broken, [newIdentity()]));
      await append(fine);
      start();
      await pass(2_000);
      expect(frontier()?.snapshots).toEqual(new Map([[broken, 1], [fine, 1]]));
      expect(newestOf(broken)).toBeUndefined();
      expect(newestOf(fine)?.revision).toBe(1);
      expect(faults).toContain('relay.unfoldable');
    });
  });
});
