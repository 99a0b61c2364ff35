import { TOPIC, type Following } from '@sallyport/broker';
import { WorkerRecordGate } from '@sallyport/event-stream';
import type { RecordMac } from '@sallyport/secrets';
import type { ReportSeen } from '@sallyport/test-support';
import { decodeWorkerReport } from '@sallyport/wire';
import { vi } from 'vitest';

import type { WireAccess } from './wire-access.js';

/** Everything that workers report of themselves while a test runs, kept for the checker; what others write there is not. */
export class StatusRecorder {
  readonly reports: ReportSeen[] = [];
  private readonly following: Following;

  constructor(wire: WireAccess, mac: RecordMac) {
    const gate = new WorkerRecordGate({ mac });
    this.following = wire.follow(TOPIC.status, (records) => {
      for (const record of records) {
        const word = gate.open(record);
        if (word !== null) this.reports.push({ ...decodeWorkerReport(word.body), seenMs: performance.now() });
      }
    });
  }

  /** A worker's newest report. */
  newest(workerId: string): ReportSeen | undefined {
    return this.reports.findLast((report) => report.workerId === workerId);
  }

  /** Resolves when the newest report of each of these workers passes. */
  until(workerIds: readonly string[], passes: (report: ReportSeen) => boolean, timeoutMs = 30_000): Promise<void> {
    return vi.waitFor(() => {
      const lacking = workerIds.filter((id) => {
        const newest = this.newest(id);
        return newest === undefined || !passes(newest);
      });
      if (lacking.length > 0) throw new Error(`not yet: ${lacking.map((id) => JSON.stringify(this.newest(id) ?? id)).join(' ')}`);
    }, { timeout: timeoutMs, interval: 50 });
  }

  close(): Promise<void> {
    return this.following.close();
  }
}
