import { assertFits, brokerFault, type Publication } from '@sallyport/broker';
import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';

import { RETRY, type KafkaClients } from './kafka-clients.js';
import { brokerFaultOf } from './kafka-faults.js';
import { PublishQueue, sizeOf } from './publish-queue.js';
import { SharedClient } from './shared-client.js';

/** Below this, compressing costs more than it saves. */
const COMPRESSED_FROM_BYTES = 1_024;
const ALL_IN_SYNC = -1;
const BROKER_TIMEOUT_MS = 3_000;

/** Publishes over one producer, each topic in order. */
export class KafkaPublisher {
  private readonly queues = new Map<string, PublishQueue>();
  private readonly shared: SharedClient<Producer>;
  private closed = false;

  constructor(
    clients: KafkaClients,
    private readonly topicPrefix: string,
  ) {
    const options = { allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner, retry: RETRY };
    this.shared = new SharedClient(clients, (kafka) => kafka.producer(options));
  }

  async publish(records: readonly Publication[]): Promise<void> {
    if (this.closed) throw brokerFault.closed('the broker was closed');
    for (const record of records) assertFits(record);
    const topics = [...new Set(records.map(({ topic }) => topic))];
    const pushed = topics.map((topic) => this.queue(topic).push(records.filter((record) => record.topic === topic)));
    const ends = await Promise.allSettled(pushed);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Sends what waits, for a moment, then ends the connection. */
  async close(): Promise<void> {
    this.closed = true;
    const patience = AbortSignal.timeout(BROKER_TIMEOUT_MS);
    const over = new Promise<void>((resolve) => patience.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all([...this.queues.values()].map((queue) => queue.idle())), over]);
    await this.shared.close();
  }

  private queue(topic: string): PublishQueue {
    const queue = this.queues.get(topic) ?? new PublishQueue((records) => this.send(topic, records));
    this.queues.set(topic, queue);
    return queue;
  }

  private async send(topic: string, records: readonly Publication[]): Promise<void> {
    const compression = sizeOf(records) < COMPRESSED_FROM_BYTES ? CompressionTypes.None : CompressionTypes.GZIP;
    const messages = records.map(({ key, value, partition }) => ({ key, value: value === null ? null : asBuffer(value), ...(partition === undefined ? {} : { partition }) }));
    try {
      await this.shared.use((producer) => producer.send({ topic: this.topicPrefix + topic, acks: ALL_IN_SYNC, timeout: BROKER_TIMEOUT_MS, compression, messages }));
    } catch (error) {
      throw brokerFaultOf(`publishing to ${this.topicPrefix}${topic}`, error);
    }
  }
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
