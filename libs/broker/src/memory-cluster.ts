import { brokerFault } from './broker-faults.js';
import type { BrokerRecord, Publication, TopicSpec } from './broker.js';
import { MemoryGroup } from './memory-group.js';
import type { LogListener, MemoryLog } from './memory-log.js';

interface MemoryTopic {
  readonly spec: TopicSpec;
  readonly partitions: BrokerRecord[][];
  readonly nextOffsets: bigint[];
}

/** A broker's records in this process's memory, with hands on its being there: for tests, and to try things out. */
export class MemoryCluster implements MemoryLog {
  private readonly topics = new Map<string, MemoryTopic>();
  private readonly groups = new Map<string, MemoryGroup>();
  private readonly listeners = new Set<LogListener>();
  private isReachable = true;

  /** @param now Where records' timestamps come from, Unix milliseconds. */
  constructor(readonly now: () => number = () => Date.now()) {}

  get reachable(): boolean {
    return this.isReachable;
  }

  /** Takes the cluster away from everybody, or gives it back. */
  setReachable(reachable: boolean): void {
    this.isReachable = reachable;
    for (const listener of [...this.listeners]) listener.onReachable(reachable);
  }

  /** @throws {Fault} `broker.topic_differs` */
  ensureTopic(spec: TopicSpec): void {
    const there = this.topics.get(spec.name)?.spec;
    if (there === undefined) {
      const partitions = Array.from({ length: spec.partitions }, () => []);
      this.topics.set(spec.name, { spec, partitions, nextOffsets: partitions.map(() => 0n) });
    } else if (there.partitions !== spec.partitions) {
      throw brokerFault.topic_differs(`topic ${spec.name} has ${there.partitions} partitions and needs ${spec.partitions}`);
    } else if (there.cleanup !== spec.cleanup) {
      throw brokerFault.topic_differs(`topic ${spec.name} has cleanup.policy ${there.cleanup} and needs ${spec.cleanup}`);
    }
  }

  /** @throws {Fault} `broker.no_topic` */
  append(publication: Publication): void {
    const topic = this.topic(publication.topic);
    const partition = publication.partition ?? partitionOf(publication.key, topic.partitions.length);
    const log = topic.partitions[partition];
    const offset = topic.nextOffsets[partition];
    if (log === undefined || offset === undefined) throw brokerFault.no_topic(`topic ${publication.topic} has no partition ${partition}`);
    const value = publication.value === null ? null : Uint8Array.from(publication.value);
    log.push({ topic: publication.topic, partition, offset, key: publication.key, value, timestampMs: this.now() });
    topic.nextOffsets[partition] = offset + 1n;
  }

  /** Wakes everybody who reads the topic. */
  announce(topic: string): void {
    for (const listener of [...this.listeners]) listener.onRecords(topic);
  }

  /** The records of a partition from an offset on. */
  read(topic: string, partition: number, from: bigint): readonly BrokerRecord[] {
    return this.topic(topic).partitions[partition]?.filter((record) => record.offset >= from) ?? [];
  }

  /** The offset that each partition's next record will have; empty for a topic that is not there. */
  ends(topic: string): readonly bigint[] {
    return this.topics.get(topic)?.nextOffsets ?? [];
  }

  /** Every record kept of a topic, partition by partition. */
  records(topic: string): readonly BrokerRecord[] {
    return this.topics.get(topic)?.partitions.flat() ?? [];
  }

  /** Leaves the newest record of each key, and no key whose newest record says it is gone: what compaction comes to. */
  compact(topic: string): void {
    for (const log of this.topic(topic).partitions) {
      const newest = new Map(log.map((record) => [record.key, record.offset]));
      log.splice(0, log.length, ...log.filter((record) => record.value !== null && newest.get(record.key) === record.offset));
    }
  }

  /** Drops a partition's records below an offset: what retention comes to. */
  trim(topic: string, partition: number, below: bigint): void {
    const log = this.topic(topic).partitions[partition];
    log?.splice(0, log.length, ...log.filter((record) => record.offset >= below));
  }

  /** The group of that name on a topic. */
  group(topic: string, name: string): MemoryGroup {
    const id = `${topic} ${name}`;
    const group = this.groups.get(id) ?? new MemoryGroup(this, topic);
    this.groups.set(id, group);
    return group;
  }

  /** Listens until the answer is called. */
  listen(listener: LogListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private topic(name: string): MemoryTopic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw brokerFault.no_topic(`topic ${name} does not exist`);
    return topic;
  }
}

function partitionOf(key: string, partitions: number): number {
  let hash = 0;
  for (const letter of key) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % partitions;
}
