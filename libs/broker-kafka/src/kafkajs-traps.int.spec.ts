import { randomBytes } from 'node:crypto';

import { RecordingReader } from '@sallyport/broker/testing';
import { testKafka, type TestKafka } from '@sallyport/test-support';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { KafkaBroker } from './kafka-broker.js';
import { aKafkaConfig } from './testing/a-kafka-config.js';
import { MeddlingSockets } from './testing/meddling-sockets.js';

const TOPIC = 'trap';
const MEGABYTE = 1_000_000;

describe('the traps of kafkajs', () => {
  let kafka: TestKafka;
  let sockets: MeddlingSockets;
  let broker: KafkaBroker;
  let publisher: KafkaBroker;
  let prefix = '';
  let made = 0;

  beforeAll(async () => {
    kafka = await testKafka();
  });
  beforeEach(async () => {
    made += 1;
    prefix = `${kafka.topicPrefix}${made}.`;
    sockets = new MeddlingSockets();
    broker = new KafkaBroker({ config: aKafkaConfig(kafka.brokers, prefix), clientId: 'trapped', connect: sockets.connect });
    publisher = new KafkaBroker({ config: aKafkaConfig(kafka.brokers, prefix), clientId: 'publisher' });
    await publisher.ensureTopics([{ name: TOPIC, partitions: 1, cleanup: 'delete' }]);
  });
  afterEach(async () => {
    await broker.close();
    await publisher.close();
  });

  const publish = (from: number, below: number): Promise<void> =>
    publisher.publish(Array.from({ length: below - from }, (_, index) => ({ topic: TOPIC, key: 'k', value: Buffer.from(String(from + index)) })));
  const publishMegabytes = (count: number): Promise<void> =>
    publisher.publish(Array.from({ length: count }, () => ({ topic: TOPIC, key: 'k', value: randomBytes(MEGABYTE - 100) })));

  it('reads from where it is told on its first GROUP_JOIN, not from the beginning', async () => {
    await publishMegabytes(3);
    await publish(0, 2);
    const reader = new RecordingReader();
    await broker.follow(TOPIC, { from: new Map([[0, 3n]]), onBatch: reader.onBatch, onFault: reader.onFault }).caughtUp();
    expect(reader.texts).toEqual(['0', '1']);
    expect(sockets.receivedBytes).toBeLessThan(MEGABYTE);
  });

  it('loses nothing, repeats nothing and reads nothing again when its group is rebalanced', async () => {
    await publishMegabytes(3);
    const reader = new RecordingReader();
    const follower = broker.follow(TOPIC, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
    await follower.caughtUp();
    const receivedBefore = sockets.receivedBytes;
    for (let round = 0; round < 2; round += 1) {
      const intruder = await joinGroupsOf(kafka.brokers, prefix);
      await publish(round * 10, round * 10 + 10);
      await intruder.disconnect();
      await reader.until(({ texts }) => texts.includes(String(round * 10 + 9)));
    }
    expect(reader.texts.slice(3)).toEqual(Array.from({ length: 20 }, (_, number) => String(number)));
    expect(reader.records.map(({ offset }) => offset)).toEqual(Array.from({ length: 23 }, (_, number) => BigInt(number)));
    expect(sockets.receivedBytes - receivedBefore).toBeLessThan(MEGABYTE);
  });

  it('goes on after an error that kafkajs holds for final', async () => {
    const reader = new RecordingReader();
    const follower = broker.follow(TOPIC, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault });
    await publish(0, 5);
    await follower.caughtUp();
    sockets.garbleNext();
    await reader.until(({ faults }) => faults.length > 0);
    await publish(5, 10);
    await reader.until(({ records }) => records.length >= 10);
    expect(reader.texts).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('arms a few timers for each answer when nothing comes, not a thousand a second', async () => {
    const reader = new RecordingReader();
    await broker.follow(TOPIC, { from: 'start', onBatch: reader.onBatch, onFault: reader.onFault }).caughtUp();
    await publisher.close();
    await answers(sockets, 1);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await answers(sockets, 5);
    expect(timers.mock.calls.length).toBeLessThan(100);
    timers.mockRestore();
  });
});

/** Joins the groups that follow under a prefix, so that their members lose the partition, and get it back when this one leaves. */
async function joinGroupsOf(brokers: string, prefix: string): Promise<{ disconnect(): Promise<void> }> {
  const client = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.disconnect();
  const groupId = groups.map((group) => group.groupId).find((id) => id.startsWith(prefix)) ?? '';
  const intruder = client.consumer({ groupId });
  const joined = new Promise<void>((resolve) => intruder.on(intruder.events.GROUP_JOIN, () => resolve()));
  await intruder.connect();
  await intruder.subscribe({ topic: prefix + TOPIC });
  await intruder.run({ autoCommit: false, eachMessage: async () => undefined });
  await joined;
  return { disconnect: () => intruder.disconnect() };
}

/** Resolves when so many more answers came in. */
async function answers(sockets: MeddlingSockets, count: number): Promise<void> {
  const wanted = sockets.receivedPieces + count;
  await expect.poll(() => sockets.receivedPieces, { interval: 200, timeout: 60_000 }).toBeGreaterThanOrEqual(wanted);
}
