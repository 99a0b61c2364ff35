import type { Admin } from 'kafkajs';

import type { KafkaClients } from './kafka-clients.js';
import { brokerFaultOf } from './kafka-faults.js';
import { SharedClient } from './shared-client.js';

/** First and next offset of a partition. */
export interface PartitionEnds {
  readonly low: bigint;
  readonly high: bigint;
}

/** Questions to the cluster. Each rejects with a `broker.*` fault that says what was asked. */
export class KafkaAdmin {
  private readonly shared: SharedClient<Admin>;

  constructor(clients: KafkaClients) {
    this.shared = new SharedClient(clients, (kafka) => kafka.admin());
  }

  /** Asks; the sentence of a fault begins with `what`. */
  async ask<Answer>(what: string, question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    try {
      return await this.shared.use(question);
    } catch (error) {
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

  close(): Promise<void> {
    return this.shared.close();
  }
}
