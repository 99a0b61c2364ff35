import { brokerFault, type BrokerRecord, type ConsumeOptions, type Consuming } from '@sallyport/broker';
import type { Fault } from '@sallyport/kernel';
import type { EachBatchPayload } from 'kafkajs';

import type { ReaderParts } from './kafka-follower.js';
import { recordsOf } from './records-of.js';
import { SupervisedConsumer, type ConsumerPlan } from './supervised-consumer.js';

const RETRY_MS = 200;
const HEARTBEAT_EVERY_MS = 2_000;

/** A member of a group: what its listener took is committed, batch by batch. */
export class KafkaMember implements Consuming, ConsumerPlan {
  readonly topic: string;
  readonly group: string;
  readonly gathers = false;
  private closed = false;
  private readonly consumer: SupervisedConsumer;

  constructor(
    private readonly parts: ReaderParts,
    private readonly name: string,
    private readonly options: ConsumeOptions,
  ) {
    this.topic = parts.topicPrefix + name;
    this.group = parts.topicPrefix + options.group;
    this.consumer = new SupervisedConsumer(parts.clients, this, parts.scheduler);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.consumer.close();
  }

  async prepare(): Promise<void> {}

  /** The group's commits say where it goes on; without any it begins at the oldest record. */
  onJoined(): void {}

  /** Returns without resolving when it may not go on: what it leaves comes again, to whoever has the partition then. */
  async takeBatch(payload: EachBatchPayload): Promise<void> {
    const records = recordsOf(payload.batch, this.name, 0n);
    while (!this.closed && payload.isRunning()) {
      if (records.length === 0 || (await this.deliver(records, payload))) return payload.resolveOffset(payload.batch.lastOffset());
      await new Promise<void>((resolve) => this.parts.scheduler.after(RETRY_MS, resolve));
      await payload.heartbeat();
    }
  }

  onFault(fault: Fault): void {
    if (!this.closed) this.options.onFault(fault);
  }

  /** Tells the group that it is alive as long as the listener works; a member that was put out notices when it commits. */
  private async deliver(records: readonly BrokerRecord[], { heartbeat }: EachBatchPayload): Promise<boolean> {
    const beating = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_EVERY_MS); // who was put out learns it by the commit
    try {
      await this.options.onBatch(records);
      return true;
    } catch (cause) {
      this.onFault(brokerFault.batch_failed(`the listener of ${this.topic} failed`, {}, cause));
      return false;
    } finally {
      clearInterval(beating);
    }
  }
}
