import type { CompletedRecord, DecidedRecord, JournalRecord, SequencedRecord } from '../decision-record.js';
import type { Journal, JournalCondition, JournalDurability } from '../journal.js';
import type { NotedRecord } from '../noted-record.js';
import { journalFault } from '../journal-faults.js';
import { uuidOf } from './a-record.js';

/** Notes are taken while the journal is less full than this. */
const NOTES_UP_TO = 0.75;

/** How a memory journal behaves in a test. */
export interface MemoryJournalOptions {
  readonly incarnation?: string;
  /** Most records it takes, the reserved completions included. Default: no bound. */
  readonly maxRecords?: number;
}

/** A journal that keeps its records in memory and shows them; for tests of what writes to a journal. */
export class MemoryJournal implements Journal {
  readonly incarnation: string;
  private readonly kept: SequencedRecord[] = [];
  private readonly open = new Set<string>();
  private readonly maxRecords: number;
  private failure: Error | null = null;
  private refusedDecisions = 0;
  private droppedNotes = 0;
  private forgotten = 0;
  private isClosed = false;
  private isBusAway = false;
  private waiting: (() => void)[] = [];

  constructor(options: MemoryJournalOptions = {}) {
    this.incarnation = options.incarnation ?? uuidOf(1);
    this.maxRecords = options.maxRecords ?? Number.POSITIVE_INFINITY;
  }

  /** Everything kept so far, in order. */
  get records(): readonly SequencedRecord[] {
    return this.kept;
  }

  /** From now on every decision is refused with `failure`; `null` heals it. */
  failWith(failure: Error | null): void {
    this.failure = failure;
  }

  /** From now on nothing arrives on the bus, until it is back. */
  loseBus(isAway: boolean): void {
    this.isBusAway = isAway;
    if (!isAway) for (const arrived of this.waiting.splice(0)) arrived();
  }

  /** Forgets what is kept, as a journal does with what the bus has taken: there is room again. */
  forget(): void {
    this.forgotten += this.kept.splice(0).length;
  }

  arrived(): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return this.isBusAway ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  async decided(record: DecidedRecord, _durability: JournalDurability): Promise<void> {
    if (this.failure !== null) throw this.refused(this.failure);
    const reserved = record.effect === 'allow' ? 2 : 1;
    if (this.kept.length + this.open.size + reserved > this.maxRecords) throw this.refused(journalFault.full(`${this.maxRecords} records are kept`));
    if (record.effect === 'allow') this.open.add(record.decisionId);
    this.keep(record);
  }

  completed(record: CompletedRecord): void {
    if (this.open.delete(record.decisionId)) this.keep(record);
  }

  noted(record: NotedRecord): void {
    const hasRoom = this.failure === null && this.kept.length + this.open.size < this.maxRecords * NOTES_UP_TO;
    if (hasRoom) this.keep(record);
    else if (!this.isClosed) this.droppedNotes += 1;
  }

  condition(): JournalCondition {
    const fullShare = (this.kept.length + this.open.size) / this.maxRecords;
    const { refusedDecisions, droppedNotes, kept } = this;
    return { fullShare, refusedDecisions, droppedNotes, unshippedRecords: kept.length, oldestUnshippedAtMs: kept[0]?.record.at ?? null };
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.failure = journalFault.broken('the journal is closed');
    this.isClosed = true;
    this.open.clear();
  }

  private refused(reason: Error): Error {
    this.refusedDecisions += 1;
    return reason;
  }

  private keep(record: JournalRecord): void {
    this.kept.push({ incarnation: this.incarnation, localSeq: this.forgotten + this.kept.length + 1, record });
  }
}
