import type { BrokerRecord } from './broker.js';

/** What a log tells those who read from it. */
export interface LogListener {
  onRecords(topic: string): void;
  onReachable(reachable: boolean): void;
}

/** A cluster's records as its readers see them. */
export interface MemoryLog {
  readonly reachable: boolean;
  /** The records of a partition from an offset on. */
  read(topic: string, partition: number, from: bigint): readonly BrokerRecord[];
  /** The offset that each partition's next record will have; empty for a topic that is not there. */
  ends(topic: string): readonly bigint[];
  /** Listens until the answer is called. */
  listen(listener: LogListener): () => void;
}
