import { sinkTypeContract, type ExaminedReceiver } from '@sallyport/sinks/testing';
import { testKafka } from '@sallyport/test-support';
import kafkajs from 'kafkajs';

import { BrokerDoor } from '../testing/broker-door.js';
import { sinkTools } from '../testing/sink-tools.js';
import { kafkaSinkType } from './kafka-sink-type.js';

sinkTypeContract('kafka, before a real broker', ['hang'], async () => {
  const { brokers: listed, topicPrefix } = await testKafka();
  const brokers = listed.split(',');
  const topic = `${topicPrefix}exam`;
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
  const door = new BrokerDoor();
  const log = new TopicLog(kafka.consumer({ groupId: `${topic}-reader`, maxWaitTimeInMs: 100 }));
  await log.follow(topic);
  const end = async (): Promise<number> => Number((await admin.fetchTopicOffsets(topic))[0]?.high ?? 0);
  const examined: ExaminedReceiver = {
    reset: async () => {
      door.open();
      log.from = await end();
    },
    arrived: (count) => log.until(count),
    kept: async () => log.until((await end()) - log.from),
    away: async () => door.shut(),
    back: async () => door.open(),
    hang: () => door.leadAstray(),
    unconnected: () => door.unconnected(),
    close: async () => {
      door.open();
      await log.end();
      await admin.disconnect();
    },
  };
  const configuration = { settings: { brokers, topic, tls: false }, credentials: {}, format: 'native', formatVersion: null } as const;
  return { type: kafkaSinkType, configuration, tools: sinkTools(door), receiver: examined };
});

/** What is in the one partition of a topic, from an offset on. */
class TopicLog {
  from = 0;
  private readonly records: { readonly offset: number; readonly eventId: string }[] = [];
  private watchers: (() => void)[] = [];

  constructor(private readonly consumer: kafkajs.Consumer) {}

  async follow(topic: string): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topic, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ message }) => {
        this.records.push({ offset: Number(message.offset), eventId: message.headers?.['event_id']?.toString() ?? '' });
        for (const watcher of this.watchers.splice(0)) watcher();
      },
    });
  }

  /** Ids of the events, once there are so many. */
  async until(count: number): Promise<readonly string[]> {
    for (;;) {
      const ids = this.records.filter(({ offset }) => offset >= this.from).map(({ eventId }) => eventId);
      if (ids.length >= count) return ids;
      await new Promise<void>((resolve) => this.watchers.push(resolve));
    }
  }

  async end(): Promise<void> {
    await this.consumer.disconnect();
  }
}
