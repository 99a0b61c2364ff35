import { Inject, Injectable } from '@nestjs/common';
import type { SequencedRecord } from '@sallyport/audit';
import { TOPIC, type Broker, type BrokerRecord } from '@sallyport/broker';
import { isFault, type Result, ok, refuse } from '@sallyport/kernel';
import { decodeRecord } from '@sallyport/wire';
import type { Logger } from 'pino';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { DecisionStore } from '../store/decision-store.js';
import { AuditSequences } from './audit-sequences.js';
import { isBadData } from './is-bad-data.js';

/** A record with what it was published as. */
interface Read {
  readonly published: BrokerRecord;
  readonly sequenced: SequencedRecord;
}

/**
 * Takes workers' records from the bus into the store of decisions. A batch may come again, after a crash or a failure: what is
 * stored stays, by `(incarnation, localSeq)`. What cannot be read or stored, whatever is tried, goes to `dp.audit.dlq` as it came, and
 * is a hole in its worker's sequence.
 */
@Injectable()
export class AuditConsumer {
  constructor(
    @Inject(PART.broker) private readonly broker: Broker,
    @Inject(DecisionStore) private readonly store: DecisionStore,
    @Inject(AuditSequences) private readonly sequences: AuditSequences,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
    @Inject(PART.log) private readonly log: Logger,
  ) {}

  /** Stores a batch. Rejects when the database or the broker is away: nothing is lost, the batch comes again. */
  async take(batch: readonly BrokerRecord[]): Promise<void> {
    const read: Read[] = [];
    const rejected: BrokerRecord[] = [];
    for (const published of batch) {
      const sequenced = sequencedIn(published);
      if (sequenced.ok) read.push({ published, sequenced: sequenced.value });
      else rejected.push(published);
    }
    const stored = await this.storeAll(read);
    await this.note(stored.stored);
    await this.setAside([...rejected, ...stored.rejected]);
  }

  /** Stores what can be stored: a batch that the database refuses for its contents is halved until the culprits stand alone. */
  private async storeAll(read: readonly Read[]): Promise<{ stored: readonly SequencedRecord[]; rejected: readonly BrokerRecord[] }> {
    if (read.length === 0) return { stored: [], rejected: [] };
    try {
      const records = read.map(({ sequenced }) => sequenced);
      await this.store.publish(records);
      return { stored: records, rejected: [] };
    } catch (caught) {
      if (!isBadData(caught)) throw caught;
      if (read.length === 1) return { stored: [], rejected: read.map(({ published }) => published) };
    }
    const middle = read.length >> 1;
    const [first, second] = [await this.storeAll(read.slice(0, middle)), await this.storeAll(read.slice(middle))];
    return { stored: [...first.stored, ...second.stored], rejected: [...first.rejected, ...second.rejected] };
  }

  private async setAside(rejected: readonly BrokerRecord[]): Promise<void> {
    if (rejected.length === 0) return;
    await this.broker.publish(rejected.map(({ key, value }) => ({ topic: TOPIC.auditRejected, key: key ?? 'unknown', value })));
    this.metrics.recordsRejected.inc(rejected.length);
    const places = rejected.map(({ key, partition, offset }) => ({ incarnation: key, partition, offset: offset.toString() }));
    this.log.error({ event: 'audit.rejected', count: rejected.length, places: places.slice(0, 10) }, 'audit records cannot be read or stored; they were set aside');
  }

  private async note(stored: readonly SequencedRecord[]): Promise<void> {
    if (stored.length === 0) return;
    const holes = await this.sequences.note(stored);
    this.metrics.recordsMissing.set(await this.sequences.missing());
    if (holes.length > 0) this.log.warn({ event: 'audit.hole', holes: holes.slice(0, 10), count: holes.length }, 'audit records of a worker are missing among those stored');
  }
}

/** A record that stands under another worker's key was put there by somebody else. */
function sequencedIn({ key, value }: BrokerRecord): Result<SequencedRecord, 'unreadable'> {
  try {
    const sequenced = decodeRecord(value ?? new Uint8Array());
    return sequenced.incarnation === key && sequenced.localSeq > 0 ? ok(sequenced) : refuse('unreadable');
  } catch (caught) {
    if (isFault(caught, 'wire.undecodable')) return refuse('unreadable');
    throw caught;
  }
}
