import { deploymentTopics, MemoryBroker, MemoryCluster, TOPIC, type Publication } from '@sallyport/broker';
import { anAppend, newIdentity, newOrganisationId } from '@sallyport/event-log/testing';
import { PostgresEventLog, PostgresOutbox } from '@sallyport/event-log-postgres';
import { openDataSource, type OpenedDataSource } from '@sallyport/event-log-postgres/testing';
import { Relay } from '@sallyport/event-stream';
import { checkStream, readStream, TestKey } from '@sallyport/event-stream/testing';
import { branded, timerScheduler, type EpochMs, type OrganisationId } from '@sallyport/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { withDatabase } from '../../testing/tables-of.js';

/** A broker that stands still in the midst of a publish, as its process might, until it is let go on. */
class StallingBroker extends MemoryBroker {
  private stall: { readonly reached: () => void; readonly goOn: Promise<void> } | undefined;

  /** The next publish of more than one record stands still; resolves when it does, with what lets it go on. */
  async stalled(): Promise<() => void> {
    let [reached, goOn]: (() => void)[] = [() => undefined, () => undefined];
    const there = new Promise<void>((resolve) => (reached = resolve));
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    this.stall = { reached: () => reached?.(), goOn: gate };
    await there;
    return () => goOn?.();
  }

  override async publish(records: readonly Publication[]): Promise<void> {
    const { stall } = this;
    if (stall !== undefined && records.length > 1) {
      this.stall = undefined;
      stall.reached();
      await stall.goOn;
    }
    await super.publish(records);
  }
}

/** Two relays on one real database. What holds is read off the stream they leave. */
describe('two relays', () => {
  const key = new TestKey('key');
  let opened: OpenedDataSource;
  let log: PostgresEventLog;
  let cluster: MemoryCluster;
  let relays: Relay[];
  beforeEach(async () => {
    opened = await openDataSource();
    log = new PostgresEventLog(opened.dataSource, { outbox: true });
    cluster = new MemoryCluster();
    await new MemoryBroker(cluster).ensureTopics(deploymentTopics(1));
    relays = [];
  });
  afterEach(async () => {
    for (const relay of relays) await relay.close();
    await opened.close();
  });
  const start = (broker = new MemoryBroker(cluster)): Relay => {
    const relay = new Relay({
      outbox: new PostgresOutbox({ url: opened.url }),
      log, broker, signer: key, verifier: key,
      clock: { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() },
      scheduler: timerScheduler(globalThis),
      onFault: () => undefined,
    });
    relays.push(relay);
    return relay;
  };
  const append = async (organisationId: OrganisationId, count: number) => {
    for (let n = 0; n < count; n += 1) await log.append(anAppend(organisationId, [newIdentity()]));
  };
  const look = () => checkStream(readStream(cluster, TOPIC.events, key));
  const cutOff = () =>
    withDatabase(opened.url, async (client) => {
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport relay' AND datname = current_database() AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)");
    });

  it('publish every event once in order while the lead goes from one to the other under load', async () => {
    start();
    start();
    const organisations = [newOrganisationId(), newOrganisationId(), newOrganisationId()];
    const appendToEach = () => Promise.all(organisations.map((id) => append(id, 10)));
    let writing = appendToEach();
    for (let cut = 0; cut < 3; cut += 1) {
      const before = look().applied;
      writing = writing.then(appendToEach);
      await expect.poll(() => look().applied > before, { timeout: 10_000, interval: 5 }).toBe(true);
      await cutOff();
    }
    await writing;
    await expect.poll(() => look().applied, { timeout: 10_000, interval: 20 }).toBe(120);
    const { order, broken } = look();
    expect(broken).toEqual([]);
    for (const id of organisations) expect(order.filter((one) => one.startsWith(id))).toEqual(Array.from({ length: 40 }, (_, n) => `${id}/${n + 1}`));
  }, 60_000);

  it('do no harm when one stands still with a batch in hand, loses the lead, and goes on', async () => {
    const stalling = new StallingBroker(cluster);
    const zombie = start(stalling);
    await expect.poll(() => zombie.leading, { timeout: 10_000, interval: 10 }).toBe(true);
    const organisation = newOrganisationId();
    const stalled = stalling.stalled();
    const writing = opened.dataSource.transaction(async (manager) => {
      for (let n = 0; n < 6; n += 1) await log.appendWithin(manager, anAppend(organisation, [newIdentity()]));
    });
    const goOn = await stalled;
    await writing;

    await cutOff();
    const other = start();
    await expect.poll(() => other.leading, { timeout: 10_000, interval: 10 }).toBe(true);
    await append(organisation, 6);
    await expect.poll(() => look().applied, { timeout: 10_000, interval: 10 }).toBe(12);
    goOn();
    await expect.poll(() => look().repeated, { timeout: 10_000, interval: 10 }).toBe(6);
    await append(organisation, 1);
    await expect.poll(() => look().applied, { timeout: 10_000, interval: 10 }).toBe(13);
    expect(look().broken).toEqual([]);
    expect(zombie.leading).toBe(false);
  }, 60_000);
});
