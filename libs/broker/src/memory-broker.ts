import { brokerFault } from './broker-faults.js';
import { MAX_RECORD_BYTES, type Broker, type ConsumeOptions, type Consuming, type FollowOptions, type Following, type Publication, type TopicSpec } from './broker.js';
import { MemoryCluster } from './memory-cluster.js';
import { MemoryFollower } from './memory-follower.js';

/**
 * A process's connection to a `MemoryCluster`. Followers have a record when its `publish` resolves, and when it began to
 * follow one turn of the loop after; so tests need not wait.
 */
export class MemoryBroker implements Broker {
  private readonly readers = new Set<{ close(): Promise<void> }>();
  private closed = false;

  constructor(readonly cluster: MemoryCluster = new MemoryCluster()) {}

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.assertOpen();
    for (const topic of topics) this.cluster.ensureTopic(topic);
  }

  async publish(records: readonly Publication[]): Promise<void> {
    this.assertOpen();
    for (const record of records) assertFits(record);
    for (const record of records) this.cluster.append(record);
    for (const topic of new Set(records.map((record) => record.topic))) this.cluster.announce(topic);
  }

  follow(topic: string, options: FollowOptions): Following {
    return this.reading(new MemoryFollower(this.cluster, topic, options));
  }

  consume(topic: string, options: ConsumeOptions): Consuming {
    return this.reading(this.cluster.group(topic, options.group).join(options));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const reader of this.readers) await reader.close();
  }

  private reading<Reader extends { close(): Promise<void> }>(reader: Reader): Reader {
    this.readers.add(reader);
    return reader;
  }

  private assertOpen(): void {
    if (this.closed) throw brokerFault.closed('the broker was closed');
    if (!this.cluster.reachable) throw brokerFault.unreachable('the memory cluster is severed');
  }
}

/** @throws {Fault} `broker.too_large` for a record beyond `MAX_RECORD_BYTES`. */
export function assertFits(record: Publication): void {
  const bytes = record.key.length * 3 + (record.value?.length ?? 0);
  if (bytes > MAX_RECORD_BYTES) throw brokerFault.too_large(`a record of ${bytes} bytes for ${record.topic}: split it first`, { topic: record.topic, bytes });
}
