import { brokerFault } from '@sallyport/broker';
import type { Admin } from 'kafkajs';

import type { Client, KafkaClients } from './kafka-clients.js';
import { brokerFaultOf } from './kafka-faults.js';

/** First and next offset of a partition. */
export interface PartitionEnds {
  readonly low: bigint;
  readonly high: bigint;
}

interface OpenAdmin {
  readonly client: Client;
  readonly admin: Admin;
}

/** Questions to the cluster, over one connection that is made when first needed and made anew after a failure. */
export class KafkaAdmin {
  private open: Promise<OpenAdmin> | null = null;
  private closed = false;

  constructor(private readonly clients: KafkaClients) {}

  /** Asks; rejects with a `broker.*` fault whose sentence begins with `what`. */
  async ask<Answer>(what: string, question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    if (this.closed) throw brokerFault.closed('the broker was closed');
    try {
      this.open ??= this.connect();
      return await question((await this.open).admin);
    } catch (error) {
      await this.drop();
      throw brokerFaultOf(what, error);
    }
  }

  /** Where each partition of a topic begins and ends now. `topic` is the name in Kafka. */
  async ends(topic: string): Promise<ReadonlyMap<number, PartitionEnds>> {
    const offsets = await this.ask(`asking for the ends of ${topic}`, (admin) => admin.fetchTopicOffsets(topic));
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
  }

  /** The offset of each partition's first record of that timestamp or later; its end where there is none. Unix milliseconds. */
  async offsetsSince(topic: string, sinceMs: number): Promise<ReadonlyMap<number, bigint>> {
    const offsets = await this.ask(`asking where ${topic} was at an instant`, (admin) => admin.fetchTopicOffsetsByTimestamp(topic, sinceMs));
    return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.drop();
  }

  private async connect(): Promise<OpenAdmin> {
    const client = this.clients.open();
    const admin = client.kafka.admin();
    try {
      await admin.connect();
    } catch (error) {
      client.sockets.end();
      throw error;
    }
    return { client, admin };
  }

  private async drop(): Promise<void> {
    const open = await this.open?.catch(() => null);
    this.open = null;
    if (open === undefined || open === null) return;
    open.client.sockets.end();
    await open.admin.disconnect().catch(() => undefined); // it is gone either way
  }
}
