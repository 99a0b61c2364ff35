import type { BrokerRecord } from '@sallyport/broker';
import type { Batch } from 'kafkajs';

/** A batch's records as the port has them, from an offset on. `topic` is our name of it. */
export function recordsOf(batch: Batch, topic: string, from: bigint): readonly BrokerRecord[] {
  return batch.messages
    .filter(({ offset }) => BigInt(offset) >= from)
    .map(({ offset, key, value, timestamp }) => ({
      topic,
      partition: batch.partition,
      offset: BigInt(offset),
      key: key === null ? null : key.toString('utf8'),
      value,
      timestampMs: Number(timestamp),
    }));
}
