import type { DomainEvent } from '@sallyport/domain-events';
import type { Fault, OrganisationId, Revision } from '@sallyport/kernel';
import { branded } from '@sallyport/kernel';

import type { FeedListener } from './event-feed.js';
import { eventLogFault } from './event-log-faults.js';

/** How far one listener has been told of each organisation, and which ones it can be told nothing more of. */
export class FollowedOrganisations {
  private readonly told: Map<OrganisationId, Revision>;
  private readonly unreadable = new Set<OrganisationId>();

  constructor(
    private readonly listener: FeedListener,
    applied: ReadonlyMap<OrganisationId, Revision>,
  ) {
    this.told = new Map(applied);
  }

  /** The revision the listener has been told up to. */
  toldOf(organisationId: OrganisationId): Revision {
    return this.told.get(organisationId) ?? branded<Revision>(0);
  }

  /**
   * Organisations whose head is past what was told. One whose head lies before it is given up: its log was rewound, and
   * what comes next would have a revision that already meant something else.
   */
  behind(heads: ReadonlyMap<OrganisationId, Revision>): readonly OrganisationId[] {
    for (const [organisationId, told] of this.told) {
      const head = heads.get(organisationId) ?? 0;
      if (head < told) this.giveUp(organisationId, eventLogFault.rewound(`${organisationId}: head ${head}, already told ${told}`));
    }
    return [...heads].filter(([id, head]) => head > this.toldOf(id) && !this.unreadable.has(id)).map(([id]) => id);
  }

  /** Hands events on; counts them as told only when the listener took them. */
  tell(organisationId: OrganisationId, events: readonly DomainEvent[]): void {
    const newest = events.at(-1);
    if (newest === undefined) return;
    this.listener.onEvents(events);
    this.told.set(organisationId, newest.revision);
  }

  /** Tells the listener that nothing more comes for an organisation; throws the fault to one that cannot be told. */
  giveUp(organisationId: OrganisationId, fault: Fault): void {
    if (this.unreadable.has(organisationId)) return;
    if (this.listener.onUnreadable === undefined) throw fault;
    this.unreadable.add(organisationId);
    this.listener.onUnreadable(organisationId, fault);
  }
}
