import type { OrganisationId, Revision } from '@sallyport/kernel';

/** What one worker says of itself. */
export interface WorkerStatus {
  readonly workerId: string;
  /** `ready` decides calls; `stale` denies because its newest stamp is too old; `starting` has not caught up yet. */
  readonly state: 'starting' | 'ready' | 'stale' | 'stopped';
  /** Age of the newest stamp, milliseconds; null before the first. */
  readonly stampAgeMs: number | null;
  /** The revision applied for each organisation. */
  readonly applied: ReadonlyMap<OrganisationId, Revision>;
}

/** Whether a change is in force yet. */
export interface Enforcement {
  readonly reached: boolean;
  /** Workers that have not applied the revision; empty when reached. */
  readonly outstanding: readonly string[];
}

/** How the control plane learns what workers have applied. */
export interface WorkerStatusBoard {
  workers(): readonly WorkerStatus[];
  /** Waits until every live worker has applied `revision`, at most `timeoutMs`, then says how far it came. */
  whenEnforced(organisationId: OrganisationId, revision: Revision, timeoutMs: number): Promise<Enforcement>;
}
