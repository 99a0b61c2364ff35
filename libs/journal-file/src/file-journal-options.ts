import type { AuditBus } from '@sallyport/audit';
import { timerScheduler, type Clock, type Fault, type Scheduler } from '@sallyport/kernel';

import { journalFileFault } from './journal-file-faults.js';
import { nodeFiles, type JournalFiles } from './journal-files.js';

/** How a journal is opened. */
export interface FileJournalOptions {
  /** A folder of this worker's own, on a local disk; made if it is not there. */
  readonly folder: string;
  /** This start of the worker: a UUID that was never used before. */
  readonly incarnation: string;
  readonly clock: Clock;
  /** The journal failed for good: the process must end. Called once, and after every waiting caller was told. */
  readonly onBroken: (fault: Fault) => void;
  /** Where records are shipped to. Without one they stay, and the journal fills. */
  readonly bus?: AuditBus;
  /** Size of a segment file, bytes; a multiple of 4,096. Default 16 MiB. */
  readonly segmentBytes?: number;
  /** Largest record that is kept, bytes as written: where the bus takes no larger ones. A larger one is refused as `journal.too_large`. Default a segment. */
  readonly maxRecordBytes?: number;
  /** What records may take up before decisions are refused, bytes; at least two segments. Disk use stays below it by two segments more. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Decisions are refused once the bus has taken nothing for so long, milliseconds. Default 600,000. */
  readonly maxOutageMs?: number;
  /** How long a completion waits to be written with a decision, and a record to be shipped with others, milliseconds. Default 50. */
  readonly lingerMs?: number;
  /** From 0 to 1, for the jitter of shipping retries. */
  readonly random?: () => number;
  readonly scheduler?: Scheduler;
  readonly files?: JournalFiles;
}

/** Options with every default filled in. */
export type CompleteOptions = Required<Omit<FileJournalOptions, 'bus'>> & { readonly bus: AuditBus | null };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BLOCK_BYTES = 4_096;

/** Fills in defaults. @throws {Fault} `journal_file.misconfigured` for sizes or an incarnation the journal cannot work with. */
export function completeOptions(options: FileJournalOptions): CompleteOptions {
  const complete = {
    segmentBytes: 16 * 2 ** 20,
    maxRecordBytes: Infinity,
    maxBytes: 2 ** 30,
    maxOutageMs: 600_000,
    lingerMs: 50,
    random: Math.random,
    scheduler: timerScheduler(globalThis),
    files: nodeFiles,
    ...options,
    bus: options.bus ?? null,
  };
  const { segmentBytes, maxBytes, incarnation } = complete;
  if (!UUID.test(incarnation)) throw journalFileFault.misconfigured('the incarnation is not a lower-case UUID');
  if (segmentBytes < 2 * BLOCK_BYTES || segmentBytes % BLOCK_BYTES !== 0) {
    throw journalFileFault.misconfigured(`segments of ${segmentBytes} bytes: at least 8,192 and a multiple of 4,096`);
  }
  if (maxBytes < 2 * segmentBytes) throw journalFileFault.misconfigured(`${maxBytes} bytes are less than two segments`);
  return complete;
}
