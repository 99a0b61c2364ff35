import { assertFits, brokerFault, type Publication } from '@sallyport/broker';
import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';

import { RETRY, type Client, type KafkaClients } from './kafka-clients.js';
import { brokerFaultOf } from './kafka-faults.js';
import { PublishQueue, sizeOf } from './publish-queue.js';

/** Below this, compressing costs more than it saves. */
const COMPRESSED_FROM_BYTES = 1_024;
const ALL_IN_SYNC = -1;
const BROKER_TIMEOUT_MS = 3_000;

interface OpenProducer {
  readonly client: Client;
  readonly producer: Producer;
}

/** Publishes over one producer, which is made anew after a failure: a connection into nothing does not heal. */
export class KafkaPublisher {
  private readonly queues = new Map<string, PublishQueue>();
  private open: Promise<OpenProducer> | null = null;
  private closed = false;

  constructor(
    private readonly clients: KafkaClients,
    private readonly topicPrefix: string,
  ) {}

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
    await this.drop();
  }

  private queue(topic: string): PublishQueue {
    const queue = this.queues.get(topic) ?? new PublishQueue((records) => this.send(topic, records));
    this.queues.set(topic, queue);
    return queue;
  }

  private async send(topic: string, records: readonly Publication[]): Promise<void> {
    try {
      const { producer } = await this.connected();
      await producer.send({
        topic: this.topicPrefix + topic,
        acks: ALL_IN_SYNC,
        timeout: BROKER_TIMEOUT_MS,
        compression: sizeOf(records) < COMPRESSED_FROM_BYTES ? CompressionTypes.None : CompressionTypes.GZIP,
        messages: records.map(({ key, value, partition }) => ({ key, value: value === null ? null : asBuffer(value), ...(partition === undefined ? {} : { partition }) })),
      });
    } catch (error) {
      const fault = brokerFaultOf(`publishing to ${this.topicPrefix}${topic}`, error);
      if (fault.code === 'broker.unreachable') await this.drop();
      throw fault;
    }
  }

  private connected(): Promise<OpenProducer> {
    if (this.closed) throw brokerFault.closed('the broker was closed');
    this.open ??= this.connect();
    return this.open;
  }

  private async connect(): Promise<OpenProducer> {
    const client = this.clients.open();
    const producer = client.kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner, retry: RETRY });
    try {
      await producer.connect();
    } catch (error) {
      client.sockets.end();
      throw error;
    }
    return { client, producer };
  }

  private async drop(): Promise<void> {
    const open = await this.open?.catch(() => null);
    this.open = null;
    if (open === undefined || open === null) return;
    open.client.sockets.end();
    await open.producer.disconnect().catch(() => undefined); // it is gone either way
  }
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
