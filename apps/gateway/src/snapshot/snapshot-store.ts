import type { DomainEvent } from '@sallyport/domain-events';
import type { FeedListener, Stamp } from '@sallyport/event-log';
import type { OrganisationId, Revision } from '@sallyport/kernel';
import { branded } from '@sallyport/kernel';

import { applyEvent } from './apply-event.js';
import { OrganisationSnapshot } from './organisation-snapshot.js';
import { TokenIndex } from './token-index.js';

/** Told, synchronously, after an organisation's snapshot moved on. */
export type AppliedListener = (organisation: OrganisationSnapshot) => void;

/** What the store reports to its owner. */
export interface SnapshotReports {
  /** Events are missing before this one; the feed has to be asked again. */
  onGap(organisation: OrganisationSnapshot, found: Revision): void;
  /** An event cannot be applied; the organisation is refused from here on. `sentence` is for operators. */
  onRefused(organisation: OrganisationSnapshot, sentence: string): void;
}

/**
 * Every organisation's current state on this worker. Events are applied strictly: what is known already is dropped, the next
 * one is applied, and anything further ahead stops that organisation alone until the gap is repaired.
 */
export class SnapshotStore implements FeedListener {
  readonly organisations = new Map<OrganisationId, OrganisationSnapshot>();
  readonly tokens = new TokenIndex();
  /** The newest stamp; `null` before the first. */
  stamp: Stamp | null = null;
  private readonly listeners = new Set<AppliedListener>();

  constructor(private readonly reports: SnapshotReports) {}

  onEvents(events: readonly DomainEvent[]): void {
    const touched = new Set<OrganisationSnapshot>();
    for (const event of events) {
      const organisation = this.organisationOf(event.organisationId);
      if (this.take(organisation, event)) touched.add(organisation);
    }
    for (const organisation of touched) for (const listener of this.listeners) listener(organisation);
  }

  onStamp(stamp: Stamp): void {
    if (this.stamp === null || stamp.committedBefore > this.stamp.committedBefore) this.stamp = stamp;
  }

  /** What is applied, for the feed to go on from. */
  applied(): ReadonlyMap<OrganisationId, Revision> {
    return new Map([...this.organisations].map(([id, organisation]) => [id, organisation.revision]));
  }

  /** Calls back after every change. The answer ends it. */
  onApplied(listener: AppliedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private organisationOf(id: OrganisationId): OrganisationSnapshot {
    const known = this.organisations.get(id);
    if (known !== undefined) return known;
    const made = new OrganisationSnapshot(id);
    this.organisations.set(id, made);
    return made;
  }

  private take(organisation: OrganisationSnapshot, event: DomainEvent): boolean {
    if (organisation.refusedBecause !== null || event.revision <= organisation.revision) return false;
    if (event.revision !== organisation.revision + 1) {
      if (!organisation.hasGap) {
        organisation.hasGap = true;
        this.reports.onGap(organisation, event.revision);
      }
      return false;
    }
    const applied = applyEvent(organisation, this.tokens, event);
    if (!applied.ok) {
      organisation.refusedBecause = applied.refusal;
      this.reports.onRefused(organisation, applied.refusal);
      return false;
    }
    organisation.revision = branded<Revision>(event.revision);
    organisation.hasGap = false;
    return true;
  }
}
