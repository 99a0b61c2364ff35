import type { WorkerStatus, WorkerStatusBoard } from '@sallyport/event-log';

/** A board whose workers a test sets; every revision is enforced when no worker lags behind it. */
export class QuietBoard implements WorkerStatusBoard {
  /** What the workers say of themselves. */
  current: readonly WorkerStatus[] = [];
  /** How long each wait was to be, milliseconds. */
  readonly waits: number[] = [];
  private readonly listeners = new Set<() => void>();

  workers(): readonly WorkerStatus[] {
    return this.current;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Sets what the workers say of themselves, and tells who listens. */
  say(...workers: readonly WorkerStatus[]): void {
    this.current = workers;
    for (const listener of this.listeners) listener();
  }

  async whenEnforced(...[organisationId, revision, timeoutMs]: Parameters<WorkerStatusBoard['whenEnforced']>) {
    this.waits.push(timeoutMs);
    const outstanding = this.current.filter((worker) => (worker.applied.get(organisationId) ?? 0) < revision).map((worker) => worker.workerId);
    return { reached: outstanding.length === 0, outstanding };
  }
}
