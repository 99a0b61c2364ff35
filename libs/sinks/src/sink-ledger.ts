import type { DeliveryStore, SinkKey } from './delivery-store.js';
import type { ProgressStep } from './progress-steps.js';
import type { SinkProgress } from './sink-progress.js';

/** Another exports to the sink now, or it was removed: nothing that this writer holds is worth anything any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** What a ledger works with. */
export interface LedgerParts {
  readonly store: DeliveryStore;
  readonly newId: () => string;
  /** Waits before the store is asked again; answers whether to go on at all. */
  readonly retry: (attempt: number, fault: unknown) => Promise<boolean>;
}

/** One sink's progress as its exporter holds it: every change is written before it counts. One writer at a time. */
export class SinkLedger {
  constructor(
    private readonly parts: LedgerParts,
    private readonly sink: SinkKey,
    private readonly fence: number,
    private held: SinkProgress,
  ) {}

  get now(): SinkProgress {
    return this.held;
  }

  /**
   * Applies a step to what is kept, again and again until it is written: over writes of others, and over a store that does not answer,
   * whose lost answers show by the write's id.
   *
   * @throws {LeaseLost} when somebody else exports to this sink, or the exporter is stopped while the store does not answer.
   */
  async write(step: ProgressStep): Promise<void> {
    const writeId = this.parts.newId();
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (attempt > 1) await this.refresh();
        if (this.held.writeId === writeId || (await this.tried(step, writeId))) return;
      } catch (fault) {
        if (fault instanceof LeaseLost || !(await this.parts.retry(attempt, fault))) throw new LeaseLost('stopped', { cause: fault });
      }
    }
  }

  /** Reads again what others may have written. */
  async refresh(): Promise<void> {
    const loaded = await this.parts.store.load(this.sink);
    if (loaded === null) throw new LeaseLost('the sink was removed');
    if (loaded.revision >= this.held.revision) this.held = loaded;
  }

  private async tried(step: ProgressStep, writeId: string): Promise<boolean> {
    const draft = step(this.held);
    if (draft === null) return true;
    const progress = { ...draft.progress, revision: this.held.revision + 1, writeId };
    const change = { progress, deadLetters: draft.deadLetters ?? [], settled: draft.settled ?? null, facts: draft.facts ?? [] };
    const done = await this.parts.store.commit(this.sink, this.fence, change);
    if (done.ok) this.held = progress;
    else if (done.refusal !== 'moved_on') throw new LeaseLost(done.refusal);
    return done.ok;
  }
}
