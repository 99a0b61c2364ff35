import { brokerFault } from './broker-faults.js';
import type { FollowOptions, Following } from './broker.js';
import type { MemoryLog } from './memory-log.js';

/** How long after a failed batch the same records come again, milliseconds. */
export const MEMORY_RETRY_MS = 10;

interface Waiter {
  readonly ends: readonly bigint[] | null;
  resolve(): void;
  reject(fault: Error): void;
}

/** A follower of a topic in memory: delivers inside the `publish` that brought the records. */
export class MemoryFollower implements Following {
  private readonly next = new Map<number, bigint>();
  private waiters: readonly Waiter[] = [];
  private closed = false;
  private readonly unlisten: () => void;

  constructor(
    private readonly cluster: MemoryLog,
    private readonly topic: string,
    private readonly options: FollowOptions,
  ) {
    const { from } = options;
    if (from instanceof Map) for (const [partition, offset] of from) this.next.set(partition, offset);
    else if (typeof from === 'object' && 'sinceMs' in from) for (const [partition, offset] of this.since(from.sinceMs)) this.next.set(partition, offset);
    this.unlisten = cluster.listen({
      onRecords: (changed) => (changed === topic ? this.deliver() : undefined),
      onReachable: (reachable) => (reachable ? this.deliver() : options.onFault(brokerFault.unreachable('the memory cluster is severed'))),
    });
    queueMicrotask(() => this.deliver());
  }

  async caughtUp(): Promise<void> {
    if (this.closed) throw brokerFault.closed('the follower was closed');
    const ends = this.cluster.reachable ? [...this.cluster.ends(this.topic)] : null;
    await new Promise<void>((resolve, reject) => {
      this.waiters = [...this.waiters, { ends, resolve, reject }];
      queueMicrotask(() => this.deliver());
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.unlisten();
    for (const waiter of this.waiters) waiter.reject(brokerFault.closed('the follower was closed'));
    this.waiters = [];
  }

  private since(ms: number): readonly (readonly [number, bigint])[] {
    return this.cluster.ends(this.topic).map((end, partition) => [partition, this.cluster.read(this.topic, partition, 0n).find(({ timestampMs }) => timestampMs >= ms)?.offset ?? end]);
  }

  private deliver(): void {
    if (this.closed || !this.cluster.reachable) return;
    this.cluster.ends(this.topic).forEach((end, partition) => this.deliverPartition(partition, end));
    const [due, later] = [this.waiters.filter((waiter) => this.reached(waiter)), this.waiters.filter((waiter) => !this.reached(waiter))];
    this.waiters = later;
    for (const waiter of due) waiter.resolve();
  }

  private deliverPartition(partition: number, end: bigint): void {
    const wanted = this.next.get(partition) ?? 0n;
    const from = wanted > end ? 0n : wanted; // an offset that was never given out: the topic was made anew
    const records = this.cluster.read(this.topic, partition, from);
    this.next.set(partition, end);
    try {
      if (records.length > 0) this.options.onBatch(records);
    } catch (cause) {
      this.next.set(partition, from);
      this.options.onFault(brokerFault.batch_failed(`a listener of ${this.topic} failed`, {}, cause));
      setTimeout(() => this.deliver(), MEMORY_RETRY_MS).unref();
    }
  }

  /** A wait that began while the cluster was away is for whatever is there now. */
  private reached(waiter: Waiter): boolean {
    const ends = waiter.ends ?? this.cluster.ends(this.topic);
    return ends.every((end, partition) => (this.next.get(partition) ?? 0n) >= end);
  }
}
