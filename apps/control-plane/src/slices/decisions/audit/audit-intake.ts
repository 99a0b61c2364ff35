import { Inject, Injectable } from '@nestjs/common';
import type { SequencedRecord } from '@sallyport/audit';
import { TOPIC, type Broker, type BrokerRecord } from '@sallyport/broker';
import { WorkerRecordGate } from '@sallyport/event-stream';
import { isFault } from '@sallyport/kernel';
import type { RecordMac } from '@sallyport/secrets';
import { decodeRecord } from '@sallyport/wire';
import type { Logger } from 'pino';

import { PART } from '../../../platform/parts.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';

/** Reads what the bus brought as workers' records, and sets aside what is none, or cannot be stored. */
@Injectable()
export class AuditIntake {
  private readonly gate: WorkerRecordGate;

  constructor(
    @Inject(PART.recordMac) mac: RecordMac,
    @Inject(PART.broker) private readonly broker: Broker,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
    @Inject(PART.log) private readonly log: Logger,
  ) {
    this.gate = new WorkerRecordGate({
      mac,
      onRefused: metrics.workerRecordRefused,
      onFault: (fault) => log.error({ event: 'audit.forged', code: fault.code, reason: fault.message }, 'no worker of this deployment wrote a record that stands among theirs; it was set aside'),
    });
  }

  /** What a worker wrote; `null` for anything else, and for what this version cannot read. */
  read(published: BrokerRecord): SequencedRecord | null {
    const word = this.gate.open(published);
    if (word === null) return null;
    try {
      const sequenced = decodeRecord(word.body);
      return sequenced.incarnation === published.key && sequenced.localSeq > 0 ? sequenced : null;
    } catch (caught) {
      if (isFault(caught, 'wire.undecodable')) return null;
      throw caught;
    }
  }

  /** Puts records among the dead letters as they came. Rejects while the broker is away. */
  async setAside(rejected: readonly BrokerRecord[]): Promise<void> {
    if (rejected.length === 0) return;
    await this.broker.publish(rejected.map(({ key, value }) => ({ topic: TOPIC.auditRejected, key: key ?? 'unknown', value })));
    this.metrics.recordsRejected.inc(rejected.length);
    const places = rejected.map(({ key, partition, offset }) => ({ incarnation: key, partition, offset: offset.toString() }));
    this.log.error({ event: 'audit.rejected', count: rejected.length, places: places.slice(0, 10) }, 'audit records cannot be read or stored; they were set aside');
  }
}
