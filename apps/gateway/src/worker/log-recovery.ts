import type { RecoveryReport } from '@sallyport/journal-file';
import type { Logger } from 'pino';

/** Tells the operator what an earlier process left in the decision journal. What is lost or was cut off is never passed over in silence. */
export function logRecovery(report: RecoveryReport, log: Pick<Logger, 'warn' | 'error'>): void {
  for (const place of report.damaged) log.error({ ...place }, 'decision journal: records are missing or unreadable here; those before and after are kept');
  for (const place of report.torn) log.warn({ ...place }, 'decision journal: the last record was begun and not finished; no call went ahead on it');
  if (report.orphans > 0) log.warn({ calls: report.orphans }, 'decision journal: calls were under way when the last process ended; they are recorded as abandoned');
}
