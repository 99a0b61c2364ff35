import type { WorkerStatus, WorkerStatusBoard } from '@sallyport/event-log';

/** A board whose workers a test sets; every revision is enforced when no worker lags behind it. */
export class QuietBoard implements WorkerStatusBoard {
  /** What the workers say of themselves. */
  current: readonly WorkerStatus[] = [];
  /** How long each wait was to be, milliseconds. */
  readonly waits: number[] = [];

  workers(): readonly WorkerStatus[] {
    return this.current;
  }

  async whenEnforced(...[organisationId, revision, timeoutMs]: Parameters<WorkerStatusBoard['whenEnforced']>) {
    this.waits.push(timeoutMs);
    const outstanding = this.current.filter((worker) => (worker.applied.get(organisationId) ?? 0) < revision).map((worker) => worker.workerId);
    return { reached: outstanding.length === 0, outstanding };
  }
}
