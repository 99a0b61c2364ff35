import { brokerFault, type BrokerRecord, type FollowOptions, type Following } from '@sallyport/broker';
import { isFault, type Fault, type Scheduler } from '@sallyport/kernel';
import type { Batch, EachBatchPayload } from 'kafkajs';

import type { KafkaAdmin, PartitionEnds } from '../kafka-admin.js';
import type { KafkaClients } from '../kafka-clients.js';
import { recordsOf } from './records-of.js';
import { SupervisedConsumer, type ConsumerPlan } from './supervised-consumer.js';

/** What readers share of their broker. */
export interface ReaderParts {
  readonly clients: KafkaClients;
  readonly admin: KafkaAdmin;
  readonly scheduler: Scheduler;
  readonly topicPrefix: string;
}

type Ends = ReadonlyMap<number, PartitionEnds>;

interface Waiter {
  readonly ends: Ends;
  resolve(): void;
}

const RETRY_MS = 200;

/**
 * Follows a topic alone in a group of its own that commits nothing. It keeps the next offset of each partition itself and seeks
 * to it whenever partitions are given to it: a rejoin without commits would begin anew, or at the end.
 */
export class KafkaFollower implements Following, ConsumerPlan {
  readonly topic: string;
  readonly group = null;
  readonly gathers: boolean;
  private readonly next = new Map<number, bigint>();
  private waiters: readonly Waiter[] = [];
  private prepared = false;
  private closed = false;
  private readonly closing: Promise<void>;
  private endClosing: () => void = () => undefined;
  private readonly consumer: SupervisedConsumer;

  constructor(
    private readonly parts: ReaderParts,
    private readonly name: string,
    private readonly options: FollowOptions,
  ) {
    this.topic = parts.topicPrefix + name;
    const { from, gathers = false } = options;
    this.gathers = gathers;
    if (from instanceof Map) for (const [partition, offset] of from) this.next.set(partition, offset);
    this.closing = new Promise((resolve) => {
      this.endClosing = resolve;
    });
    this.consumer = new SupervisedConsumer(parts.clients, this, parts.scheduler);
  }

  async caughtUp(): Promise<void> {
    const ends = await this.currentEnds();
    const reached = new Promise<void>((resolve) => {
      this.waiters = [...this.waiters, { ends, resolve }];
    });
    this.settle();
    await Promise.race([reached, this.closing]);
    if (this.closed) throw brokerFault.closed('the follower was closed');
  }

  async close(): Promise<void> {
    this.closed = true;
    this.endClosing();
    await this.consumer.close();
  }

  /** An offset that was never given out means that the topic was made anew: its oldest record is next. */
  async prepare(): Promise<void> {
    await this.findInstant();
    for (const [partition, { low, high }] of await this.parts.admin.ends(this.topic)) {
      const wanted = this.next.get(partition) ?? low;
      this.next.set(partition, wanted > high || wanted < low ? low : wanted);
    }
    this.prepared = true;
    this.settle();
  }

  onJoined(partitions: readonly number[], seek: (partition: number, offset: bigint) => void): void {
    for (const partition of partitions) seek(partition, this.next.get(partition) ?? 0n);
  }

  async takeBatch({ batch, resolveOffset, heartbeat, isRunning }: EachBatchPayload): Promise<void> {
    const records = recordsOf(batch, this.name, this.firstWanted(batch));
    while (!this.closed && isRunning() && records.length > 0 && !this.deliver(records)) {
      await this.pause();
      await heartbeat();
    }
    if (this.closed || !isRunning()) return;
    this.next.set(batch.partition, BigInt(batch.lastOffset()) + 1n);
    resolveOffset(batch.lastOffset());
    this.settle();
  }

  onFault(fault: Fault): void {
    if (!this.closed) this.options.onFault(fault);
  }

  /** Asks once where the instant is that it begins at. */
  private async findInstant(): Promise<void> {
    const { from } = this.options;
    if (this.prepared || typeof from !== 'object' || !('sinceMs' in from)) return;
    const found = await this.parts.admin.offsetsSince(this.topic, from.sinceMs);
    for (const [partition, offset] of found) this.next.set(partition, offset);
  }

  /** Whatever was delivered is not delivered again; but where the partition ends before that, it is another than it was. */
  private firstWanted(batch: Batch): bigint {
    const next = this.next.get(batch.partition) ?? 0n;
    return BigInt(batch.highWatermark) < next ? 0n : next;
  }

  private deliver(records: readonly BrokerRecord[]): boolean {
    try {
      this.options.onBatch(records);
      return true;
    } catch (cause) {
      this.onFault(brokerFault.batch_failed(`the listener of ${this.topic} failed`, {}, cause));
      return false;
    }
  }

  private async currentEnds(): Promise<Ends> {
    while (!this.closed) {
      try {
        return await this.parts.admin.ends(this.topic);
      } catch (error) {
        if (isFault(error, 'broker.closed')) throw error;
        await this.pause();
      }
    }
    throw brokerFault.closed('the follower was closed');
  }

  private settle(): void {
    if (!this.prepared) return;
    const due = this.waiters.filter((waiter) => this.reached(waiter.ends));
    this.waiters = this.waiters.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.resolve();
  }

  private reached(ends: Ends): boolean {
    return [...ends].every(([partition, { low, high }]) => low === high || (this.next.get(partition) ?? 0n) >= high);
  }

  private async pause(): Promise<void> {
    const over = new Promise<void>((resolve) => this.parts.scheduler.after(RETRY_MS, resolve));
    await Promise.race([over, this.closing]);
  }
}
