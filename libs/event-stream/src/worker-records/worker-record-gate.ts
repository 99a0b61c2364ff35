import type { BrokerRecord } from '@sallyport/broker';
import { isFault, type Fault } from '@sallyport/kernel';
import type { RecordMac } from '@sallyport/secrets';
import { authenticatedBytes, decodeWorkerRecord, type WorkerRecord } from '@sallyport/wire';

import { workerRecordFault } from './worker-record-faults.js';

/** Why a record was refused. */
export const RECORD_REFUSALS = ['no_mac', 'bad_mac'] as const;
/** One of them. */
export type RecordRefusal = (typeof RECORD_REFUSALS)[number];

/** What the gate is made of. */
export interface WorkerRecordGateParts {
  readonly mac: RecordMac;
  /** Told of each record that is refused, to count it. @param topic Ours, without a deployment's prefix. */
  readonly onRefused?: (topic: string, refusal: RecordRefusal) => void;
  /** Told of the first refused record of each source, for the log: a `worker_record` fault. */
  readonly onFault?: (fault: Fault) => void;
}

/** What a worker said, and which. */
export interface WorkersWord {
  readonly workerId: string;
  /** The bytes of a `WorkerReport` or a `SequencedRecord`. */
  readonly body: Uint8Array;
}

/** Sources are named by whoever writes, so they are not remembered without end: who invents more is counted, and no longer told. */
const MOST_TOLD = 100;

/**
 * Lets in what a worker of this deployment wrote, for the topic and key where it stands: `record → MAC → body`. Everything else is
 * dropped and counted, and nothing of it is looked at further: who can write to the broker can say nothing here in a worker's name.
 */
export class WorkerRecordGate {
  private readonly told = new Set<string>();

  constructor(private readonly parts: WorkerRecordGateParts) {}

  /** What a record says; `null` when it is refused. */
  open(record: Pick<BrokerRecord, 'topic' | 'key' | 'value'>): WorkersWord | null {
    const { topic, key } = record;
    const read = recordIn(record.value);
    if (read === null || key === null || read.mac.length === 0) return this.refuse(record, 'no_mac');
    const { workerId, body, mac } = read;
    return this.parts.mac.verify(authenticatedBytes({ topic, key, workerId }, body), mac) ? { workerId, body } : this.refuse(record, 'bad_mac');
  }

  private refuse({ topic, key }: Pick<BrokerRecord, 'topic' | 'key'>, refusal: RecordRefusal): null {
    this.parts.onRefused?.(topic, refusal);
    const source = `${topic} ${key}`;
    if (this.told.has(source) || this.told.size >= MOST_TOLD) return null;
    this.told.add(source);
    const why = refusal === 'no_mac' ? 'bears no MAC' : 'bears a MAC that is not of this deployment’s root key, or not its own';
    this.parts.onFault?.(workerRecordFault[refusal](`${topic}: a record under ${JSON.stringify(key?.slice(0, 80) ?? null)} ${why}; further ones of this source are only counted`));
    return null;
  }
}

function recordIn(value: Uint8Array | null): WorkerRecord | null {
  try {
    return value === null ? null : decodeWorkerRecord(value);
  } catch (caught) {
    if (isFault(caught, 'wire.undecodable')) return null;
    throw caught;
  }
}
