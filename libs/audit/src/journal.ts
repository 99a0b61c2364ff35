import type { CompletedRecord, DecidedRecord, SequencedRecord } from './decision-record.js';
import type { NotedRecord } from './noted-record.js';

/** How a `decided` record counts as kept; see `AuditDurability` of the organisation. */
export type JournalDurability = 'process' | 'disk';

/**
 * A worker's own record of its decisions. What every adapter promises:
 *
 * - Records come out in the order they went in, numbered 1, 2, 3 … per incarnation without a gap.
 * - When `decided` resolves, the record survives a kill of the process, and with `disk` a loss of power.
 * - `completed` rides with the next batch; a kill may lose it, and recovery then completes the call as `abandoned`.
 * - No decision and no completion is dropped: what does not fit is refused. Notes have a small share of the room; beyond it they are
 *   dropped and counted.
 */
export interface Journal {
  readonly incarnation: string;
  /**
   * Keeps a decision before the call goes on.
   *
   * @throws {Fault} `journal.full` when the bound is reached or the disk has no space: the caller denies with `audit_unavailable`
   *   and the journal goes on when there is room again. `journal.broken` for any other I/O error: nothing more will be kept,
   *   and the process must end. `journal.too_large` for a record that no journal of this size can hold.
   */
  decided(record: DecidedRecord, durability: JournalDurability): Promise<void>;
  /**
   * Resolves when everything kept so far is stored on the other side of the bus too, so that it survives the loss of this machine.
   * Waits for as long as the bus is away: the caller sets the bound.
   *
   * @throws {Fault} `journal.broken` when the journal ends first.
   */
  arrived(): Promise<void>;
  /**
   * Notes how an admitted call ended. Never throws; never waits. Always has room: a `decided` reserves it.
   * One for each decision kept with `allow`: a second one, or one for a decision that was refused or never kept, is ignored.
   */
  completed(record: CompletedRecord): void;
  /** Notes something that is no call. Never throws, never waits, never makes a decision wait; dropped and counted where there is no room. */
  noted(record: NotedRecord): void;
  /** How the journal stands now. */
  condition(): JournalCondition;
  /** Writes out what is queued and waits for it. */
  flush(): Promise<void>;
  /** Flushes and releases the files. */
  close(): Promise<void>;
}

/** How a journal stands; the counts are since it was opened and never fall. */
export interface JournalCondition {
  /** What is taken of the room in which decisions are kept, from 0 to 1. */
  readonly fullShare: number;
  readonly refusedDecisions: number;
  readonly droppedNotes: number;
  /** Records kept that nobody else has yet: the bus has not taken them. */
  readonly unshippedRecords: number;
  /** When the oldest of them was made, or not long after, Unix milliseconds; `null` when there is none. */
  readonly oldestUnshippedAtMs: number | null;
}

/** Where a journal's records go to be stored: PostgreSQL's loader in one process, a topic across machines. */
export interface AuditBus {
  /**
   * Resolves when the batch is stored durably on the other side; the journal may then forget it. Idempotent by
   * `(incarnation, localSeq)`: a batch may come again after a failure.
   */
  publish(batch: readonly SequencedRecord[]): Promise<void>;
}
