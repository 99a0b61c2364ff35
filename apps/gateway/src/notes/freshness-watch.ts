import type { Clock, OrganisationId } from '@sallyport/kernel';

import { freshnessOf, type FreshnessRefusal } from '../snapshot/freshness.js';
import type { OrganisationSnapshot } from '../snapshot/organisation-snapshot.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { WorkerNotes } from './worker-notes.js';

/** What the watch looks at and tells. */
export interface FreshnessWatchParts {
  readonly store: SnapshotStore;
  readonly notes: WorkerNotes;
  readonly clock: Clock;
  /** Whether the backlog of the start has been applied; nothing is told before. */
  hasCaughtUp(): boolean;
}

/** Notes when this worker's state of an organisation becomes too old to decide by, and when it is fresh again. */
export class FreshnessWatch {
  /** How each organisation stood at the last look. */
  private readonly seen = new Map<OrganisationId, FreshnessRefusal | null>();

  constructor(private readonly parts: FreshnessWatchParts) {}

  /** Looks at every organisation; some ten thousand take a few milliseconds. */
  look(): void {
    if (!this.parts.hasCaughtUp()) return;
    const now = this.parts.clock.now();
    for (const organisation of this.parts.store.organisations.values()) {
      const lost = freshnessOf(organisation, this.parts.store.stamp, now);
      const before = this.seen.get(organisation.organisationId);
      if (lost === before) continue;
      this.seen.set(organisation.organisationId, lost);
      if (before !== undefined || lost !== null) this.tell(organisation, lost, now);
    }
  }

  private tell(organisation: OrganisationSnapshot, lost: FreshnessRefusal | null, now: number): void {
    const { stamp } = this.parts.store;
    const stampAgeMs = stamp === null ? null : now - stamp.committedBefore;
    this.parts.notes.note(organisation.organisationId, { kind: 'freshnessChanged', lost, stampAgeMs, revision: organisation.revision });
  }
}
