import type { DomainEvent } from '@sallyport/domain-events';
import type { FeedListener, Stamp } from '@sallyport/event-log';
import { branded, type Fault, type OrganisationId, type Revision } from '@sallyport/kernel';
import type { OrganisationFold } from '@sallyport/organisation-state';

import { OrganisationSnapshot, type OrganisationRefusal } from './organisation-snapshot.js';
import { TokenIndex } from './token-index.js';

/** Told, synchronously, after an organisation's snapshot moved on, or was refused. */
export type AppliedListener = (organisation: OrganisationSnapshot) => void;

/** What the store reports to its owner. */
export interface SnapshotReports {
  /** Events are missing before this one; the feed has to be asked again. */
  onGap(organisation: OrganisationSnapshot, found: Revision): void;
  /** Events cannot be applied; the organisation is refused until a newer snapshot of it comes. `sentence` is for operators. */
  onRefused(organisation: OrganisationSnapshot, sentence: string): void;
}

/**
 * Every organisation's current state on this worker. Events are applied strictly: what is known already is dropped, the next
 * one is applied, and anything further ahead stops that organisation alone until the gap is repaired. A revision never goes
 * back: events move it by one, a snapshot only to a newer one.
 */
export class SnapshotStore implements FeedListener {
  readonly organisations = new Map<OrganisationId, OrganisationSnapshot>();
  readonly tokens = new TokenIndex();
  /** The newest stamp; `null` before the first. */
  stamp: Stamp | null = null;
  private readonly listeners = new Set<AppliedListener>();
  /** Organisations of whose policies nobody knows yet whether this worker can read them. */
  private readonly unread = new Set<OrganisationSnapshot>();

  constructor(private readonly reports: SnapshotReports) {}

  onEvents(events: readonly DomainEvent[]): void {
    const touched = new Set<OrganisationSnapshot>();
    for (const event of events) {
      const organisation = this.organisationOf(event.organisationId);
      if (this.take(organisation, event)) touched.add(organisation);
    }
    for (const organisation of touched) this.tell(organisation);
  }

  onSnapshot(state: OrganisationFold): void {
    const organisation = this.organisationOf(state.organisationId);
    if (state.revision <= organisation.revision) return;
    const before = [...organisation.grants.keys()];
    organisation.replace(state);
    organisation.refusal = null;
    organisation.hasGap = false;
    for (const grantId of before) if (!state.grants.has(grantId)) this.tokens.put(organisation, grantId, undefined);
    for (const grant of state.grants.values()) this.tokens.put(organisation, grant.grantId, grant);
    this.unread.add(organisation);
    this.tell(organisation);
  }

  onUnreadable(organisationId: OrganisationId, fault: Fault): void {
    const organisation = this.organisationOf(organisationId);
    if (organisation.refusal !== null) return;
    this.refuse(organisation, { code: fault.code, revision: branded<Revision>(organisation.revision + 1), sentence: fault.message });
  }

  onStamp(stamp: Stamp): void {
    if (this.stamp === null || stamp.committedBefore > this.stamp.committedBefore) this.stamp = stamp;
  }

  /**
   * Reads policies that came with snapshots, a few at a time, and refuses organisations that have one which this worker cannot read.
   *
   * @param limit Organisations to look at, at most.
   */
  readPolicies(limit: number): void {
    for (const organisation of [...take(this.unread, limit)]) {
      this.unread.delete(organisation);
      for (const { isReadable, name, version } of organisation.policies.values()) {
        if (isReadable || organisation.refusal !== null) continue;
        this.refuse(organisation, { code: 'state.unreadable_policy', revision: organisation.revision, sentence: `version ${version} of policy ${name} cannot be read by this worker` });
      }
    }
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
    if (organisation.refusal !== null || event.revision <= organisation.revision) return false;
    if (event.revision !== organisation.revision + 1) {
      if (!organisation.hasGap) {
        organisation.hasGap = true;
        this.reports.onGap(organisation, event.revision);
      }
      return false;
    }
    const applied = organisation.apply(event);
    if (!applied.ok) {
      this.refuse(organisation, { code: applied.refusal.code, revision: event.revision, sentence: applied.refusal.sentence });
      return false;
    }
    const { data } = event.fact;
    if ('grantId' in data) this.tokens.put(organisation, data.grantId, organisation.grants.get(data.grantId));
    organisation.hasGap = false;
    return true;
  }

  private refuse(organisation: OrganisationSnapshot, refusal: OrganisationRefusal): void {
    organisation.refusal = refusal;
    this.reports.onRefused(organisation, refusal.sentence);
    this.tell(organisation);
  }

  private tell(organisation: OrganisationSnapshot): void {
    for (const listener of this.listeners) listener(organisation);
  }
}

function* take<Item>(items: Iterable<Item>, limit: number): Generator<Item> {
  let left = limit;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}
