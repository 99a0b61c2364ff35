import type { Enforcement, WorkerStatus, WorkerStatusBoard } from '@sallyport/event-log';
import type { OrganisationId, Revision } from '@sallyport/kernel';

/** What the board needs of a worker in the same process. */
export interface StatusSource {
  status(): WorkerStatus;
  /** Calls back after an organisation's state moved on. The answer ends it. */
  onApplied(listener: () => void): () => void;
  /** Asks the worker to fetch what is committed now. */
  nudge(): void;
}

/** The status board of a deployment whose workers live in the control plane's own process. */
export class InProcessStatusBoard implements WorkerStatusBoard {
  constructor(private readonly sources: readonly StatusSource[]) {}

  workers(): readonly WorkerStatus[] {
    return this.sources.map((source) => source.status());
  }

  onChange(listener: () => void): () => void {
    const ends = this.sources.map((source) => source.onApplied(listener));
    return () => {
      for (const end of ends) end();
    };
  }

  async whenEnforced(organisationId: OrganisationId, revision: Revision, timeoutMs: number): Promise<Enforcement> {
    const outstanding = (): readonly string[] =>
      this.workers()
        .filter((worker) => worker.state !== 'stopped' && (worker.applied.get(organisationId) ?? 0) < revision)
        .map((worker) => worker.workerId);
    for (const source of this.sources) source.nudge();
    if (outstanding().length > 0) await this.changed(() => outstanding().length === 0, timeoutMs);
    const left = outstanding();
    return { reached: left.length === 0, outstanding: left };
  }

  private changed(isDone: () => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        for (const end of ends) end();
        resolve();
      };
      const look = (): void => {
        if (isDone()) finish();
      };
      const timer = setTimeout(finish, timeoutMs);
      const ends = this.sources.map((source) => source.onApplied(look));
    });
  }
}
