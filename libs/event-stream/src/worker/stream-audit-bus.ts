import type { AuditBus, SequencedRecord } from '@sallyport/audit';
import type { Broker } from '@sallyport/broker';
import type { RecordMac } from '@sallyport/secrets';

import { auditPublication } from '../worker-records/worker-publications.js';

/**
 * The largest record a journal may take that is shipped over a broker, bytes: give it to the journal, whose records are no smaller
 * than what is published. A record is never split, because a consumer commits record by record.
 */
export const LARGEST_AUDIT_RECORD_BYTES = 900_000;

/** What the bus is made of. */
export interface StreamAuditBusParts {
  /** Its topics exist. */
  readonly broker: Broker;
  readonly mac: RecordMac;
  readonly workerId: string;
}

/**
 * A worker's records on `dp.audit`, one record each, under its incarnation and with its MAC: so they keep their order, and a consumer finds what is
 * missing. A batch counts as taken when all in-sync copies of the topic have it.
 */
export class StreamAuditBus implements AuditBus {
  constructor(private readonly parts: StreamAuditBusParts) {}

  /** @throws {Fault} `broker.unreachable` and the broker's other faults; the batch may come again, and some of it may be there already. */
  async publish(batch: readonly SequencedRecord[]): Promise<void> {
    const { broker, mac, workerId } = this.parts;
    await broker.publish(batch.map((record) => auditPublication(mac, workerId, record)));
  }
}
