import type { WorkerStatus } from '@sallyport/event-log';
import type { OrganisationId, Revision } from '@sallyport/kernel';
import type { WorkerReport } from '@sallyport/wire';

/** A worker whose newest stamp is older denies in strict organisations, milliseconds (DESIGN.md 3.4). */
export const STALE_AFTER_MS = 5_000;
/** The furthest a worker's clock may be off before it refuses by itself, milliseconds. */
export const SKEW_MS = 2_000;

/** What is known of one start of a worker, from its reports. */
export class WorkerEntry {
  private readonly applied = new Map<OrganisationId, Revision>();
  private newest: WorkerReport;

  /** @param seenAtMs When the report came, by the monotonic clock. */
  constructor(first: WorkerReport, private seenAtMs: number) {
    this.newest = first;
    this.note(first);
  }

  get workerId(): string {
    return this.newest.workerId;
  }

  get incarnation(): string {
    return this.newest.incarnation;
  }

  /** When the newest report came, by the monotonic clock. */
  get lastSeenMs(): number {
    return this.seenAtMs;
  }

  get state(): WorkerReport['state'] {
    return this.newest.state;
  }

  /** Takes its next report; one that came before says nothing new. */
  accept(report: WorkerReport, seenAtMs: number): void {
    if (report.sequence <= this.newest.sequence) return;
    this.newest = report;
    this.seenAtMs = seenAtMs;
    this.note(report);
  }

  /** Whether it has applied an organisation's revision. */
  hasApplied(organisationId: OrganisationId, revision: Revision): boolean {
    return (this.applied.get(organisationId) ?? 0) >= revision;
  }

  /** Whether it refuses the organisation because it cannot apply an event of it. */
  refuses(organisationId: OrganisationId): boolean {
    return this.newest.nacks.some((nack) => nack.organisationId === organisationId);
  }

  /** What it says of itself; while it is silent its stamp grows older, and it counts as stale as it will count itself. */
  status(nowMs: number): WorkerStatus {
    const { workerId, state, stampAgeMs, nacks, refusedRecords } = this.newest;
    const age = stampAgeMs === null ? null : stampAgeMs + (nowMs - this.seenAtMs);
    return {
      workerId,
      state: state === 'ready' && age !== null && age > STALE_AFTER_MS ? 'stale' : state,
      stampAgeMs: state === 'stopped' ? stampAgeMs : age,
      applied: this.applied,
      nacks: new Map(nacks.map((nack) => [nack.organisationId, nack.code])),
      refusedRecords: new Map(refusedRecords.map((refused) => [refused.code, refused.count])),
    };
  }

  private note(report: WorkerReport): void {
    for (const { organisationId, revision } of report.applied) {
      if (revision > (this.applied.get(organisationId) ?? 0)) this.applied.set(organisationId, revision);
    }
  }
}
