import type { DomainEvent, ObjectRef } from '@sallyport/domain-events';
import { branded, type EpochMs, type OrganisationId, type Revision } from '@sallyport/kernel';
import { eventFromJson, eventToJson } from '@sallyport/wire';

import { eventLogFault } from './event-log-faults.js';
import type { AppendRequest, EventLog } from './event-log.js';
import { objectKey, recordAppend } from './record-append.js';

/**
 * An event log that lives as long as the process: for tests, and the simplest thing that keeps every promise of the port.
 * Events go through their stored form on the way in, so it refuses what PostgreSQL would refuse and shares no object with its caller.
 */
export class MemoryEventLog implements EventLog {
  private readonly organisations = new Map<OrganisationId, readonly DomainEvent[]>();
  private readonly watchers = new Set<() => void>();
  private reachable = true;

  async append(request: AppendRequest): Promise<readonly DomainEvent[]> {
    const before = this.eventsOf(request.organisationId);
    const events = recordAppend(request, {
      revision: headOf(before),
      objectVersions: new Map(before.map((event) => [objectKey(event.object), event.objectVersion])),
    }).map((event) => eventFromJson(eventToJson(event)));
    if (events.length === 0) return events;
    refuseRepeatedId(before, events);
    this.organisations.set(request.organisationId, [...before, ...events]);
    for (const watcher of this.watchers) watcher();
    return events;
  }

  async read(organisationId: OrganisationId, after: Revision, limit: number): Promise<readonly DomainEvent[]> {
    return this.eventsOf(organisationId).slice(after, after + limit);
  }

  async readObject(organisationId: OrganisationId, object: ObjectRef): Promise<readonly DomainEvent[]> {
    return this.eventsOf(organisationId).filter((event) => objectKey(event.object) === objectKey(object));
  }

  async head(organisationId: OrganisationId): Promise<Revision> {
    return headOf(this.eventsOf(organisationId));
  }

  async revisionAt(organisationId: OrganisationId, at: EpochMs): Promise<Revision> {
    return headOf(this.eventsOf(organisationId).filter((event) => Date.parse(event.occurredAt) <= at));
  }

  async heads(): Promise<ReadonlyMap<OrganisationId, Revision>> {
    return this.headsNow();
  }

  /** `heads` without waiting, for the feed beside it. */
  headsNow(): ReadonlyMap<OrganisationId, Revision> {
    this.refuseUnreachable();
    return new Map([...this.organisations].map(([organisationId, events]) => [organisationId, headOf(events)]));
  }

  /** Every event after a revision without waiting, for the feed beside it. */
  eventsAfter(organisationId: OrganisationId, after: Revision): readonly DomainEvent[] {
    return this.eventsOf(organisationId).slice(after);
  }

  /** Calls back after every append, before `append` resolves. The answer stops it. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** For tests: cuts everybody off, or lets them in again. What was appended stays. */
  setReachable(reachable: boolean): void {
    this.reachable = reachable;
  }

  private eventsOf(organisationId: OrganisationId): readonly DomainEvent[] {
    this.refuseUnreachable();
    return this.organisations.get(organisationId) ?? [];
  }

  private refuseUnreachable(): void {
    if (!this.reachable) throw eventLogFault.unreachable('the memory log was made unreachable');
  }
}

function headOf(events: readonly DomainEvent[]): Revision {
  return events.at(-1)?.revision ?? branded<Revision>(0);
}

function refuseRepeatedId(before: readonly DomainEvent[], added: readonly DomainEvent[]): void {
  const known = new Set(before.map((event) => event.eventId));
  for (const { eventId } of added) {
    if (known.has(eventId)) throw eventLogFault.moved_on(`event ${eventId} was appended before`);
    known.add(eventId);
  }
}
