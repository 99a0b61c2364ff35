import { Inject, Injectable } from '@nestjs/common';
import type { SequencedRecord } from '@sallyport/audit';
import type { BrokerRecord } from '@sallyport/broker';
import type { Logger } from 'pino';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import { DecisionStore } from '../store/decision-store.js';
import { AuditIntake } from './audit-intake.js';
import { AuditSequences } from './audit-sequences.js';
import { isBadData } from './is-bad-data.js';

/** A record with what it was published as. */
interface Read {
  readonly published: BrokerRecord;
  readonly sequenced: SequencedRecord;
}

/**
 * Takes workers' records from the bus into the store of decisions. A batch may come again, after a crash or a failure: what is
 * stored stays, by `(incarnation, localSeq)`, also when what it told was swept away since. What no worker of this deployment wrote, and what cannot be read or stored, whatever is
 * tried, goes to `dp.audit.dlq` as it came, and is a hole in its worker's sequence.
 */
@Injectable()
export class AuditConsumer {
  constructor(
    @Inject(AuditIntake) private readonly intake: AuditIntake,
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
      const sequenced = this.intake.read(published);
      if (sequenced === null) rejected.push(published);
      else read.push({ published, sequenced });
    }
    const stored = await this.storeAll(await this.sequences.unknown(read));
    await this.note(stored.stored);
    await this.intake.setAside([...rejected, ...stored.rejected]);
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

  private async note(stored: readonly SequencedRecord[]): Promise<void> {
    if (stored.length === 0) return;
    const holes = await this.sequences.note(stored);
    this.metrics.recordsMissing.set(await this.sequences.missing());
    if (holes.length > 0) this.log.warn({ event: 'audit.hole', holes: holes.slice(0, 10), count: holes.length }, 'audit records of a worker are missing among those stored');
  }
}
