import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import kafkajs, { type Admin } from 'kafkajs';
import { vi } from 'vitest';

import type { OwnServices } from './own-services.js';

/** How a partition is kept. */
export interface PartitionSeen {
  readonly topic: string;
  /** The node that leads it; -1 while none does. */
  readonly leader: number;
  /** How many copies it has, and how many of them are in step. */
  readonly copies: number;
  readonly inStep: number;
}

/** Who leads in a Kafka cluster of the test's own. */
export class KafkaLeaders {
  constructor(private readonly services: Pick<OwnServices, 'kafka' | 'kafkaFolder'>) {}

  /** Every partition of these topics. */
  partitions(topics: readonly string[]): Promise<readonly PartitionSeen[]> {
    return this.ask(async (admin) => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
      return found.flatMap(({ name, partitions }) => partitions.map(({ leader, replicas, isr }) => ({ topic: name, leader, copies: replicas.length, inStep: isr.length })));
    });
  }

  /** A setting of a topic as the cluster has it. */
  setting(topic: string, name: string): Promise<string | undefined> {
    return this.ask(async (admin) => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }] });
      return resources[0]?.configEntries.find((entry) => entry.configName === name)?.configValue;
    });
  }

  /** The node that leads the topic's first partition. */
  async of(topic: string): Promise<number> {
    return (await this.partitions([topic]))[0]?.leader ?? -1;
  }

  /** The node that leads the controllers, as one of those that are alive wrote down when it gave its vote: what clients are told is any node. */
  controller(aliveNode = 1): number {
    const file = join(this.services.kafkaFolder, `node-${aliveNode}`, 'data', '__cluster_metadata-0', 'quorum-state');
    return (JSON.parse(readFileSync(file, 'utf8')) as { readonly leaderId: number }).leaderId;
  }

  /** Resolves when every copy of these topics is in step. */
  untilInStep(topics: readonly string[]): Promise<void> {
    return vi.waitFor(async () => {
      const behind = (await this.partitions(topics)).filter(({ leader, copies, inStep }) => leader < 0 || inStep < copies);
      if (behind.length > 0) throw new Error(`not in step: ${JSON.stringify(behind)}`);
    }, { timeout: 60_000, interval: 250 });
  }

  private async ask<Answer>(work: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    const admin = new kafkajs.Kafka({ brokers: this.services.kafka.brokers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
}
