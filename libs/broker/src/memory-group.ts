import { brokerFault } from './broker-faults.js';
import type { BrokerRecord, ConsumeOptions, Consuming } from './broker.js';
import type { MemoryLog } from './memory-log.js';
import { MEMORY_RETRY_MS } from './memory-follower.js';

/** A group of consumers in memory: each partition has one batch in hand at a time, with the member it falls to. */
export class MemoryGroup {
  private readonly committed = new Map<number, bigint>();
  private readonly inHand = new Map<number, Promise<void>>();
  private members: readonly ConsumeOptions[] = [];

  constructor(
    private readonly cluster: MemoryLog,
    private readonly topic: string,
  ) {
    cluster.listen({
      onRecords: (changed) => (changed === topic ? this.deliver() : undefined),
      onReachable: (reachable) => this.onReachable(reachable),
    });
  }

  /** Lets a member in. */
  join(member: ConsumeOptions): Consuming {
    this.members = [...this.members, member];
    queueMicrotask(() => this.deliver());
    return {
      close: async () => {
        this.members = this.members.filter((other) => other !== member);
        await Promise.all(this.inHand.values());
        this.deliver();
      },
    };
  }

  private onReachable(reachable: boolean): void {
    if (reachable) return this.deliver();
    for (const member of this.members) member.onFault(brokerFault.unreachable('the memory cluster is severed'));
  }

  private deliver(): void {
    if (!this.cluster.reachable) return;
    this.cluster.ends(this.topic).forEach((_, partition) => this.deliverPartition(partition));
  }

  private deliverPartition(partition: number): void {
    const member = this.members[partition % Math.max(1, this.members.length)];
    if (member === undefined || this.inHand.has(partition)) return;
    const records = this.cluster.read(this.topic, partition, this.committed.get(partition) ?? 0n);
    if (records.length === 0) return;
    const done = this.handOver(member, records).then(() => {
      this.inHand.delete(partition);
      this.deliver();
    });
    this.inHand.set(partition, done);
  }

  private async handOver(member: ConsumeOptions, records: readonly BrokerRecord[]): Promise<void> {
    try {
      await member.onBatch(records);
    } catch (cause) {
      member.onFault(brokerFault.batch_failed(`a consumer of ${this.topic} failed`, {}, cause));
      await new Promise((resolve) => setTimeout(resolve, MEMORY_RETRY_MS).unref());
      return;
    }
    const last = records.at(-1);
    if (last !== undefined && this.cluster.reachable) this.committed.set(last.partition, last.offset + 1n);
  }
}
