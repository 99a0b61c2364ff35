import { Inject, Injectable } from '@nestjs/common';
import type { Enforcement, Publications, WorkerStatus, WorkerStatusBoard } from '@sallyport/event-log';
import type { OrganisationId, Revision } from '@sallyport/kernel';

import { PART } from '../parts.js';
import type { WaitFor } from './command.js';

/** How long anybody waits for workers, milliseconds. */
export const WAIT_LIMIT_MS = 15_000;

/** One worker, as one organisation sees it. */
export interface WorkerProgress {
  readonly workerId: string;
  readonly state: WorkerStatus['state'];
  /** The revision of the organisation it has applied; 0 when none. */
  readonly appliedRevision: number;
  readonly stampAgeMs: number | null;
  /** Why it refuses the organisation: the code of what it cannot apply; `null` when it does not. */
  readonly nack: string | null;
  /** Records of the stream it would not take since its start, by reason. */
  readonly refusedRecords: readonly { readonly code: string; readonly count: number }[];
}

/** How far a revision came, and with which worker how far. */
export interface Progress extends Enforcement {
  readonly workers: readonly WorkerProgress[];
}

/** Says how far changes came: stored, published, applied. */
@Injectable()
export class ChangeProgress {
  /** @param publications `null` where workers read the log itself: what is stored is published. */
  constructor(
    @Inject(PART.board) private readonly board: WorkerStatusBoard,
    @Inject(PART.publications) private readonly publications: Publications | null,
  ) {}

  /** Waits for a stored revision as asked, at most `timeoutMs`, then says how far it came. */
  async of(organisationId: OrganisationId, revision: Revision, asked: { readonly waitFor: WaitFor; readonly timeoutMs: number }): Promise<Progress> {
    const enforcement = await this.enforcement(organisationId, revision, asked);
    return { ...enforcement, workers: this.workersOf(organisationId) };
  }

  /** Every worker there is. */
  workersOf(organisationId: OrganisationId): readonly WorkerProgress[] {
    return this.board.workers().map((worker) => workerProgress(worker, organisationId));
  }

  /** Calls back whenever a worker said something new. The answer ends it. */
  onChange(listener: () => void): () => void {
    return this.board.onChange(listener);
  }

  private async enforcement(organisationId: OrganisationId, revision: Revision, { waitFor, timeoutMs }: { waitFor: WaitFor; timeoutMs: number }): Promise<Enforcement> {
    switch (waitFor) {
      case 'COMMITTED':
        return this.board.whenEnforced(organisationId, revision, 0);
      case 'PUBLISHED':
        return this.whenPublished(organisationId, revision, timeoutMs);
      case 'ENFORCED':
        return this.board.whenEnforced(organisationId, revision, timeoutMs);
    }
  }

  private async whenPublished(organisationId: OrganisationId, revision: Revision, timeoutMs: number): Promise<Enforcement> {
    if (this.publications === null) return { reached: true, outstanding: [] };
    const ago = await this.publications.whenPublished(organisationId, revision, timeoutMs);
    if (ago !== null) return { reached: true, outstanding: [] };
    const behind = this.workersOf(organisationId).filter((worker) => worker.state !== 'stopped' && worker.appliedRevision < revision);
    return { reached: false, outstanding: behind.map((worker) => worker.workerId) };
  }
}

function workerProgress(worker: WorkerStatus, organisationId: OrganisationId): WorkerProgress {
  const { workerId, state, stampAgeMs, applied, nacks, refusedRecords } = worker;
  return {
    workerId,
    state,
    appliedRevision: applied.get(organisationId) ?? 0,
    stampAgeMs,
    nack: nacks?.get(organisationId) ?? null,
    refusedRecords: [...(refusedRecords ?? [])].map(([code, count]) => ({ code, count })),
  };
}
