import type { AuditBus, SequencedRecord } from '@sallyport/audit';
import { TOPIC, type Broker } from '@sallyport/broker';
import { encodeRecord } from '@sallyport/wire';

/**
 * The largest record a journal may take that is shipped over a broker, bytes: give it to the journal, whose records are no smaller
 * than what is published. A record is never split, because a consumer commits record by record.
 */
export const LARGEST_AUDIT_RECORD_BYTES = 900_000;

/**
 * A worker's records on `dp.audit`, one record each, under its incarnation: so they keep their order, and a consumer finds what is
 * missing. A batch counts as taken when all in-sync copies of the topic have it.
 */
export class StreamAuditBus implements AuditBus {
  constructor(private readonly broker: Broker) {}

  /** @throws {Fault} `broker.unreachable` and the broker's other faults; the batch may come again, and some of it may be there already. */
  async publish(batch: readonly SequencedRecord[]): Promise<void> {
    await this.broker.publish(batch.map((record) => ({ topic: TOPIC.audit, key: record.incarnation, value: encodeRecord(record) })));
  }
}
