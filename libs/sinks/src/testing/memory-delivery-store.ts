import type { AuditFact } from '@sallyport/audit-event';
import { ok, refuse, type Clock, type Result } from '@sallyport/kernel';

import type { CommitRefusal, DeadLetter, DeadLetterPage, DeliveryChange, DeliveryStore, LeaseWish, SinkKey, SinkLease } from '../delivery-store.js';
import type { SinkProgress } from '../sink-progress.js';
import { sinksFault } from '../sinks-faults.js';

interface Row {
  progress: SinkProgress;
  holder: string | null;
  fence: number;
  /** Until when it is held, or since when it is free; never held: the beginning of time. */
  untilMs: number;
  readonly letters: Map<number, DeadLetter>;
}

/** A delivery store in memory. What is written passes through its stored form, so that nothing is shared with the writer. */
export class MemoryDeliveryStore implements DeliveryStore {
  private readonly rows = new Map<string, Row>();
  /** Until when each fleet is there. */
  private readonly fleets = new Map<string, number>();

  /** @param append Where the facts of a write go, within it: what throws here undoes the write. */
  constructor(
    private readonly clock: Clock,
    private readonly append: (organisationId: string, facts: readonly AuditFact[]) => void = () => undefined,
  ) {}

  async open(sink: SinkKey, fresh: SinkProgress): Promise<SinkProgress> {
    const row = this.row(sink);
    if (row !== undefined) return row.progress;
    this.rows.set(nameOf(sink), { progress: stored(fresh), holder: null, fence: 0, untilMs: -Infinity, letters: new Map() });
    return stored(fresh);
  }

  async load(sink: SinkKey): Promise<SinkProgress | null> {
    return this.row(sink)?.progress ?? null;
  }

  async lease(sink: SinkKey, holder: string, { ttlMs, patienceMs }: LeaseWish): Promise<SinkLease | null> {
    const row = this.row(sink);
    if (row === undefined) return null;
    const nowMs = this.clock.now();
    if (row.holder !== holder) {
      if (row.untilMs + patienceMs > nowMs) return null;
      row.fence += 1;
      row.holder = holder;
    }
    row.untilMs = nowMs + ttlMs;
    return { organisationId: sink.organisationId, sinkId: sink.sinkId, holder, fence: row.fence };
  }

  async release(lease: SinkLease): Promise<void> {
    const row = this.row(lease);
    if (row?.fence !== lease.fence || row.holder !== lease.holder) return;
    row.holder = null;
    row.untilMs = this.clock.now();
  }

  /** How many holders a sink has had. */
  fenceOf(sink: SinkKey): number {
    return this.row(sink)?.fence ?? 0;
  }

  async attend(fleet: string, ttlMs: number): Promise<number> {
    const nowMs = this.clock.now();
    this.fleets.set(fleet, nowMs + ttlMs);
    return [...this.fleets.values()].filter((untilMs) => untilMs > nowMs).length;
  }

  async leave(fleet: string): Promise<void> {
    this.fleets.delete(fleet);
  }

  async commit(sink: SinkKey, fence: number | null, change: DeliveryChange): Promise<Result<void, CommitRefusal>> {
    const row = this.row(sink);
    if (row === undefined) return refuse('gone');
    if (fence !== null && fence !== row.fence) return refuse('superseded');
    if (change.progress.revision !== row.progress.revision + 1) return refuse('moved_on');
    if (change.progress.cursor < row.progress.cursor) throw sinksFault.cursor_back(`sink ${sink.sinkId}: ${row.progress.cursor} to ${change.progress.cursor}`);
    if (change.facts.length > 0) this.append(sink.organisationId, change.facts);
    row.progress = stored(change.progress);
    for (const letter of change.deadLetters) row.letters.set(letter.seq, { ...letter, state: 'waiting', settledAtMs: null, settledBy: null });
    settle(row, change);
    return ok(undefined);
  }

  async deadLetters(sink: SinkKey, page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    return this.letters(sink)
      .filter((letter) => letter.seq > page.afterSeq && (page.state === null || letter.state === page.state))
      .slice(0, page.limit);
  }

  async deadLetter(sink: SinkKey, seq: number): Promise<DeadLetter | null> {
    return this.row(sink)?.letters.get(seq) ?? null;
  }

  async waitingDeadLetters(sink: SinkKey): Promise<number> {
    return this.letters(sink).filter((letter) => letter.state === 'waiting').length;
  }

  async remove(sink: SinkKey): Promise<void> {
    this.rows.delete(nameOf(sink));
  }

  private letters(sink: SinkKey): readonly DeadLetter[] {
    return [...(this.row(sink)?.letters.values() ?? [])].sort((one, other) => one.seq - other.seq);
  }

  private row(sink: SinkKey): Row | undefined {
    return this.rows.get(nameOf(sink));
  }
}

function settle(row: Row, { settled }: DeliveryChange): void {
  for (const seq of settled?.seqs ?? []) {
    const letter = row.letters.get(seq);
    if (settled === null || letter?.state !== 'waiting') continue;
    row.letters.set(seq, { ...letter, state: settled.state, settledAtMs: settled.atMs, settledBy: settled.by });
  }
}

const nameOf = (sink: SinkKey): string => `${sink.organisationId}/${sink.sinkId}`;
const stored = (progress: SinkProgress): SinkProgress => JSON.parse(JSON.stringify(progress)) as SinkProgress;
