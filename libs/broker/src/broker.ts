import type { Fault } from '@sallyport/kernel';

/** One record as a broker delivers it. Topic names are ours: an adapter adds and removes a deployment's prefix. */
export interface BrokerRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string | null;
  /** Exactly the bytes that were published; null says that its key is gone. */
  readonly value: Uint8Array | null;
  /** When it was published by the publisher's or the broker's clock: for people, never for decisions. Unix milliseconds. */
  readonly timestampMs: number;
}

/** One record to publish. Without `partition`, equal keys go to the same partition. */
export interface Publication {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly partition?: number;
}

/** What happens to a topic's old records. */
export type Cleanup = 'delete' | 'compact' | 'compact,delete';

/** A topic as it has to be. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: Cleanup;
  /** How long records are kept where `cleanup` deletes, milliseconds. Given to a topic when it is made; later it is the operator's to change. */
  readonly retentionMs?: number;
  /** Copies of each record; the broker's configured number where absent. */
  readonly replicationFactor?: number;
  /** Further settings for a topic that is made, by Kafka's names. Not verified. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** How a topic is followed. */
export interface FollowOptions {
  /**
   * `start`: all that is kept. A map: the offset wanted first, by partition; partitions that are absent begin at their oldest record.
   * `sinceMs`: at the first record with that timestamp or a later one, Unix milliseconds, or at the end where there is none. Timestamps
   * are whatever publishers' clocks said, so who begins so has to notice by what comes that it began too late.
   */
  readonly from: 'start' | ReadonlyMap<number, bigint> | { readonly sinceMs: number };
  /** Lets records come up to three seconds late, so that many come at once: for what nobody waits for. At once unless said. */
  readonly gathers?: boolean;
  /**
   * Takes records of one partition in offset order, at once. None is left out and none comes twice, over any number of
   * lost connections; only records the broker no longer keeps are passed over. When it throws, `onFault` hears
   * `broker.batch_failed` and the same records come again.
   */
  onBatch(records: readonly BrokerRecord[]): void;
  /** Told why nothing comes for now. Nobody need act: the follower goes on trying until it is closed. */
  onFault(fault: Fault): void;
}

/** A running follower. */
export interface Following {
  /** Resolves when every record published before the call was delivered, however long the broker is away; rejects `broker.closed`. */
  caughtUp(): Promise<void>;
  /** Ends it. Nothing is delivered once this resolves. */
  close(): Promise<void>;
}

/** How a topic is consumed by a group whose members share its partitions. */
export interface ConsumeOptions {
  /** The group's name, ours like a topic's. A new group begins at the oldest record. */
  readonly group: string;
  /**
   * Takes records of one partition in offset order; the next of that partition come after it resolved. What it resolved for
   * is committed. After a rejection (`onFault` hears `broker.batch_failed`), a crash or a lost connection they come again:
   * every record at least once.
   */
  onBatch(records: readonly BrokerRecord[]): Promise<void>;
  /** Told why nothing comes for now. Nobody need act. */
  onFault(fault: Fault): void;
}

/** A running member of a group. */
export interface Consuming {
  /** Leaves the group once the batch in hand is done and committed. Nothing is delivered once this resolves. */
  close(): Promise<void>;
}

/**
 * Distributes records; decides nothing. Each topic is a number of partitions, each an ordered list of records.
 * One connection of a process to its deployment's broker; followers and consumers belong to it and end with it.
 */
export interface Broker {
  /**
   * Makes the topics that are lacking and verifies those that are there: partitions, cleanup, copies.
   *
   * @throws {Fault} `broker.topic_differs` with a sentence for each difference, `broker.unreachable`, `broker.refused`.
   */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * Resolves when all in-sync copies have every record. Records of one partition keep the order of the list, and of the
   * calls. After a rejection some, all or none may be published; publishing again may double, never reorder what was acknowledged.
   *
   * @throws {Fault} `broker.unreachable` after some seconds of trying, `broker.refused`, `broker.no_topic`, `broker.too_large`
   *   (more than `MAX_RECORD_BYTES`), `broker.closed`.
   */
  publish(records: readonly Publication[]): Promise<void>;
  /** Reads all partitions of a topic on its own, whoever else does; nothing is committed. */
  follow(topic: string, options: FollowOptions): Following;
  /** Reads a topic's records as a member of a group. */
  consume(topic: string, options: ConsumeOptions): Consuming;
  /** Ends every follower and consumer, then the connection. */
  close(): Promise<void>;
}

/** The largest key and value of one record, together, that every adapter takes: Kafka's default of 1 MiB a batch, less its overhead. */
export const MAX_RECORD_BYTES = 1_000_000;
