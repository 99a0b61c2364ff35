import type { Broker, ConsumeOptions, Consuming, FollowOptions, Following, Publication, TopicSpec } from '@sallyport/broker';
import { timerScheduler, type Scheduler } from '@sallyport/kernel';
import type { ISocketFactory } from 'kafkajs';

import type { KafkaConfig } from './config/kafka-config.js';
import { ensureTopics } from './ensure-topics.js';
import { KafkaAdmin } from './kafka-admin.js';
import { KafkaClients } from './kafka-clients.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { KafkaFollower, type ReaderParts } from './reader/kafka-follower.js';
import { KafkaMember } from './reader/kafka-member.js';

/** A process's place in the deployment's Kafka. */
export interface KafkaBrokerOptions {
  readonly config: KafkaConfig;
  /** What this process is called in the brokers' logs and metrics; also part of its followers' groups. */
  readonly clientId: string;
  /** Real timers unless said. */
  readonly scheduler?: Scheduler;
  /** Opens connections; for tests that come between. */
  readonly connect?: ISocketFactory;
}

/** Kafka as the broker, through kafkajs. Connects when first used, and goes on trying. */
export class KafkaBroker implements Broker {
  private readonly parts: ReaderParts;
  private readonly publisher: KafkaPublisher;
  private readonly readers = new Set<{ close(): Promise<void> }>();
  private readonly config: KafkaConfig;

  constructor({ config, clientId, scheduler = timerScheduler(globalThis), connect }: KafkaBrokerOptions) {
    const clients = new KafkaClients(config, clientId, connect);
    this.config = config;
    this.parts = { clients, scheduler, admin: new KafkaAdmin(clients), topicPrefix: config.topicPrefix };
    this.publisher = new KafkaPublisher(clients, config.topicPrefix);
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return ensureTopics(this.parts.admin, topics, this.config);
  }

  publish(records: readonly Publication[]): Promise<void> {
    return this.publisher.publish(records);
  }

  follow(topic: string, options: FollowOptions): Following {
    return this.reading(new KafkaFollower(this.parts, topic, options));
  }

  consume(topic: string, options: ConsumeOptions): Consuming {
    return this.reading(new KafkaMember(this.parts, topic, options));
  }

  async close(): Promise<void> {
    await Promise.all([...this.readers].map((reader) => reader.close()));
    await Promise.all([this.publisher.close(), this.parts.admin.close()]);
  }

  private reading<Reader extends { close(): Promise<void> }>(reader: Reader): Reader {
    this.readers.add(reader);
    return reader;
  }
}
