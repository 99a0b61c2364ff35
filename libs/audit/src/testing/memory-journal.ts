import type { CompletedRecord, DecidedRecord, DecisionRecord, SequencedRecord } from '../decision-record.js';
import type { Journal, JournalDurability } from '../journal.js';
import { journalFault } from '../journal-faults.js';
import { uuidOf } from './a-record.js';

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

  arrived(): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return this.isBusAway ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  async decided(record: DecidedRecord, _durability: JournalDurability): Promise<void> {
    if (this.failure !== null) throw this.failure;
    const reserved = record.effect === 'allow' ? 2 : 1;
    if (this.kept.length + this.open.size + reserved > this.maxRecords) throw journalFault.full(`${this.maxRecords} records are kept`);
    if (record.effect === 'allow') this.open.add(record.decisionId);
    this.keep(record);
  }

  completed(record: CompletedRecord): void {
    if (this.open.delete(record.decisionId)) this.keep(record);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.failure = journalFault.broken('the journal is closed');
    this.open.clear();
  }

  private keep(record: DecisionRecord): void {
    this.kept.push({ incarnation: this.incarnation, localSeq: this.kept.length + 1, record });
  }
}
