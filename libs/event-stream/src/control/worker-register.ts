import type { BrokerRecord } from '@sallyport/broker';
import { isFault } from '@sallyport/kernel';
import { decodeWorkerReport, type WorkerReport } from '@sallyport/wire';

import type { WorkerRecordGate } from '../worker-records/worker-record-gate.js';
import { WorkerEntry } from './worker-entry.js';

/** Who is silent for longer is left out: it was killed, and nobody waits for it. Milliseconds. */
export const FORGOTTEN_AFTER_MS = 30_000;
/** Reports that were older than this when they were read at start are of workers that are gone. */
const OLD_AT_START_MS = 600_000;
/** Who reported within this time is counted among the living, milliseconds; reports are two seconds apart, and a reader that gathers hears of each up to three seconds late. */
const LIVE_MS = 8_000;

/** The workers there are, one entry a start, from what `dp.status` says. */
export class WorkerRegister {
  private readonly entries = new Map<string, WorkerEntry>();

  /** @param gate Lets in what workers wrote; what it refuses says nothing here. */
  constructor(private readonly gate: Pick<WorkerRecordGate, 'open'>) {}

  /** Takes the topic's next records; answers how many were written by workers and are no reports that this version knows. */
  accept(records: readonly BrokerRecord[], now: { readonly wallMs: number; readonly monotonicMs: number }): number {
    let unreadable = 0;
    for (const record of records) {
      if (record.value === null || now.wallMs - record.timestampMs > OLD_AT_START_MS) continue;
      const word = this.gate.open(record);
      if (word === null) continue;
      const report = reportIn(word.body);
      if (report?.workerId === record.key) this.put(report, now.monotonicMs);
      else unreadable += 1;
    }
    return unreadable;
  }

  /** Those who may decide calls: not stopped, and not silent for so long that they are forgotten. */
  present(nowMs: number): readonly WorkerEntry[] {
    for (const [incarnation, entry] of this.entries) if (nowMs - entry.lastSeenMs > FORGOTTEN_AFTER_MS) this.entries.delete(incarnation);
    return [...this.entries.values()].sort((one, other) => (one.workerId < other.workerId ? -1 : 1));
  }

  /** How many have just reported and decide calls, or soon will. */
  liveCount(nowMs: number): number {
    return this.present(nowMs).filter((entry) => entry.state !== 'stopped' && nowMs - entry.lastSeenMs <= LIVE_MS).length;
  }

  private put(report: WorkerReport, seenAtMs: number): void {
    const known = this.entries.get(report.incarnation);
    if (known !== undefined) return known.accept(report, seenAtMs);
    // Whoever starts again under its name is gone as what it was; one that still reports under the old start comes back by that.
    for (const entry of this.entries.values()) {
      if (entry.workerId === report.workerId && entry.incarnation < report.incarnation) this.entries.delete(entry.incarnation);
    }
    this.entries.set(report.incarnation, new WorkerEntry(report, seenAtMs));
  }
}

function reportIn(value: Uint8Array): WorkerReport | undefined {
  try {
    return decodeWorkerReport(value);
  } catch (caught) {
    if (isFault(caught, 'wire.undecodable')) return undefined;
    throw caught;
  }
}
