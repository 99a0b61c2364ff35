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
  /** Organisations it refuses because it cannot apply an event of theirs, with the code of the reason. None when absent. */
  readonly nacks?: ReadonlyMap<OrganisationId, string>;
  /** How many records of the stream it would not take since its start, by the code of the reason. None when absent. */
  readonly refusedRecords?: ReadonlyMap<string, number>;
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
  /** Calls back whenever a worker said something new of itself. The answer ends it. */
  onChange(listener: () => void): () => void;
  /** Waits until every live worker has applied `revision`, at most `timeoutMs`, then says how far it came. */
  whenEnforced(organisationId: OrganisationId, revision: Revision, timeoutMs: number): Promise<Enforcement>;
}
