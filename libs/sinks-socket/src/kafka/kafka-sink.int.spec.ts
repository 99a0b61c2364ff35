import type { GuardedNetwork } from '@sallyport/sinks';
import { testKafka } from '@sallyport/test-support';
import kafkajs, { type Admin, type KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { anOutgoingBatch } from '../testing/an-outgoing-batch.js';
import { BrokerTap } from '../testing/broker-tap.js';
import { LoopbackNetwork } from '../testing/loopback-network.js';
import { sinkTools } from '../testing/sink-tools.js';
import { kafkaSinkType } from './kafka-sink-type.js';

const NEVER = new AbortController().signal;
const PRODUCE = 0;
const INIT_PRODUCER_ID = 22;
let brokers: string[] = [];
let prefix = '';
let admin: Admin;

beforeAll(async () => {
  const kafka = await testKafka();
  brokers = kafka.brokers.split(',');
  prefix = kafka.topicPrefix;
  admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(async () => admin.disconnect());

async function aTopic(name: string, config: Readonly<Record<string, string>> = {}): Promise<string> {
  const topic = `${prefix}${name}`;
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 3, configEntries }] });
  return topic;
}

function opened(topic: string, network: GuardedNetwork = new LoopbackNetwork(), over: Record<string, string | string[]> = {}): ReturnType<typeof kafkaSinkType.open> {
  const configuration = { settings: { brokers, topic, tls: false, ...over }, credentials: {}, format: 'native' as const, formatVersion: null };
  expect(kafkaSinkType.check(configuration)).toEqual({ ok: true, value: undefined });
  return kafkaSinkType.open(configuration, sinkTools(network));
}

async function recordsOf(topic: string, count: number): Promise<readonly { readonly partition: number; readonly message: KafkaMessage }[]> {
  const consumer = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).consumer({ groupId: `${topic}-reader` });
  const read: { partition: number; message: KafkaMessage }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ partition, message }) => {
        read.push({ partition, message });
        if (read.length === count) resolve();
      },
    });
  });
  await consumer.disconnect();
  return read;
}

describe('a Kafka sink', () => {
  it('publishes events in order into one partition, keyed by stream and named by a header', async () => {
    const topic = await aTopic('orderly');
    const sink = opened(topic);
    const batch = anOutgoingBatch(400);
    expect(await sink.deliver({ ...batch, events: batch.events.slice(0, 250) }, NEVER)).toEqual({ kind: 'delivered' });
    expect(await sink.deliver({ ...batch, events: batch.events.slice(250), replay: true }, NEVER)).toEqual({ kind: 'delivered' });
    await sink.close();
    const records = await recordsOf(topic, 400);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    expect(records.map(({ message }) => message.value?.toString())).toEqual(batch.events.map(({ stored }) => stored.line));
    expect(records.map(({ message }) => message.headers?.['event_id']?.toString())).toEqual(batch.events.map(({ stored }) => stored.eventId));
    expect(records[0]?.message.key?.toString()).toBe(batch.events[0]?.stored.stream);
    expect(records[399]?.message.headers?.['replay']?.toString()).toBe('true');
    expect(records[0]?.message.headers?.['replay']).toBeUndefined();
  });

  it('goes through the guarded network to brokers of the metadata as well, and pauses when it may not reach them', async () => {
    const topic = await aTopic('guarded');
    const inner = new LoopbackNetwork();
    const asked: string[] = [];
    const onlyByName: GuardedNetwork = {
      connect: async (target, signal) => {
        asked.push(target.host);
        return target.host === 'localhost' ? inner.connect(target, signal) : { ok: false, refusal: { kind: 'refused', message: 'This network is not open.' } };
      },
    };
    const sink = opened(topic, onlyByName, { brokers: brokers.map((broker) => broker.replace('127.0.0.1', 'localhost')) });
    expect(await sink.deliver(anOutgoingBatch(2), NEVER)).toMatchObject({ kind: 'paused', cause: 'config', reason: 'This network is not open.' });
    expect(asked).toContain('127.0.0.1');
    await sink.close();
  });

  it('is paused where the topic does not exist, and does not make it', async () => {
    const topic = `${prefix}nowhere`;
    const sink = opened(topic);
    expect(await sink.deliver(anOutgoingBatch(1), NEVER)).toMatchObject({ kind: 'paused', cause: 'config' });
    await sink.close();
    expect(await admin.listTopics()).not.toContain(topic);
  });

  it('calls unfit what the topic has for too large', async () => {
    const topic = await aTopic('narrow', { 'max.message.bytes': '2000' });
    const sink = opened(topic, new LoopbackNetwork(), { compression: 'none' });
    expect(await sink.deliver(anOutgoingBatch(20), NEVER)).toMatchObject({ kind: 'unfit', reason: expect.stringContaining('TOO_LARGE') });
    await sink.close();
  });

  it('asks for the acknowledgement of all replicas in sync, as a producer whose retries the broker knows', async () => {
    const tap = new BrokerTap();
    const sink = opened(await aTopic('careful'), tap);
    expect(await sink.deliver(anOutgoingBatch(3), NEVER)).toEqual({ kind: 'delivered' });
    await sink.close();
    const requests = tap.requests();
    tap.close();
    const produced = requests.filter(({ apiKey }) => apiKey === PRODUCE);
    // No transaction's id, which is a length of -1; then the acknowledgements, of which -1 are all.
    expect(produced.map(({ body }) => [body.readInt16BE(0), body.readInt16BE(2)])).toEqual([[-1, -1]]);
    expect(requests.map(({ apiKey }) => apiKey)).toContain(INIT_PRODUCER_ID);
  });

  it('says nothing of addresses when nobody answers, ends when its time is over, and delivers when the network is back', async () => {
    const topic = await aTopic('patient');
    const network = new LoopbackNetwork();
    const sink = opened(topic, network);
    network.refusal = { kind: 'unreachable', message: 'Nothing listens there.' };
    expect(await sink.deliver(anOutgoingBatch(1), NEVER)).toEqual({ kind: 'unavailable', reason: 'Nothing listens there.' });
    network.refusal = null;
    expect(await sink.deliver(anOutgoingBatch(1), NEVER)).toEqual({ kind: 'delivered' });
    network.end();
    const time = new AbortController();
    const delivery = sink.deliver(anOutgoingBatch(1), time.signal);
    time.abort();
    expect(await delivery).toEqual({ kind: 'unavailable', reason: 'there was no time left' });
    await sink.close();
  });
});
