import type { DomainEvent } from '@sallyport/domain-events';
import { branded, type Fault, type OrganisationId, type Revision } from '@sallyport/kernel';

import type { FeedListener, Stamp } from '../event-feed.js';

/** A listener that keeps what it is told, in order, and applies as a worker does: what it has it drops, a gap it notes. */
export class RecordingListener implements FeedListener {
  readonly stamps: Stamp[] = [];
  /** Every place where an event came that was not the next one of its organisation. */
  readonly gaps: string[] = [];
  readonly unreadable: { readonly organisationId: OrganisationId; readonly fault: Fault }[] = [];
  private readonly applied: Map<OrganisationId, Revision>;

  constructor(applied: ReadonlyMap<OrganisationId, Revision> = new Map()) {
    this.applied = new Map(applied);
  }

  onEvents(events: readonly DomainEvent[]): void {
    for (const event of events) this.apply(event);
  }

  onStamp(stamp: Stamp): void {
    this.stamps.push(stamp);
  }

  onUnreadable(organisationId: OrganisationId, fault: Fault): void {
    this.unreadable.push({ organisationId, fault });
  }

  /** The revision applied of an organisation; 0 before its first event. */
  revisionOf(organisationId: OrganisationId): Revision {
    return this.applied.get(organisationId) ?? branded<Revision>(0);
  }

  private apply(event: DomainEvent): void {
    const applied = this.revisionOf(event.organisationId);
    if (event.revision <= applied) return;
    if (event.revision !== applied + 1) this.gaps.push(`${event.organisationId}: ${event.revision} after ${applied}`);
    this.applied.set(event.organisationId, event.revision);
  }
}
