import { type Clock, isFault, type OrganisationId, type Revision } from '@sallyport/kernel';

import type { EventFeed, FeedListener, FeedSubscription } from './event-feed.js';
import { FeedWaiters } from './feed-waiters.js';
import { FollowedOrganisations } from './followed-organisations.js';
import type { MemoryEventLog } from './memory-event-log.js';

/**
 * Follows a `MemoryEventLog` without a timer: the backlog and a first stamp are delivered inside `follow`, an event inside its
 * `append`, and a stamp whenever `beat` is called. So a test that moved its clock needs no waiting.
 */
export class MemoryEventFeed implements EventFeed {
  private readonly followers = new Set<MemoryFollower>();

  constructor(
    private readonly log: MemoryEventLog,
    private readonly clock: Clock,
  ) {}

  follow(listener: FeedListener, applied: ReadonlyMap<OrganisationId, Revision>): FeedSubscription {
    const follower = new MemoryFollower(this.log, { listener, clock: this.clock }, applied);
    this.followers.add(follower);
    return follower;
  }

  /** What the 500 ms round of a real feed does: delivers, and stamps the clock's time to every follower. */
  beat(): void {
    for (const follower of this.followers) follower.nudge();
  }
}

class MemoryFollower implements FeedSubscription {
  private readonly organisations: FollowedOrganisations;
  private readonly unwatch: () => void;
  private readonly waiters = new FeedWaiters();
  private closed = false;

  constructor(
    private readonly log: MemoryEventLog,
    private readonly told: { readonly listener: FeedListener; readonly clock: Clock },
    applied: ReadonlyMap<OrganisationId, Revision>,
  ) {
    this.organisations = new FollowedOrganisations(told.listener, applied);
    this.unwatch = log.watch(() => this.nudge());
    this.nudge();
  }

  nudge(): void {
    if (this.closed) return;
    try {
      this.deliver();
    } catch (caught) {
      if (isFault(caught)) return;
      throw caught;
    }
    for (const waiter of this.waiters.take()) waiter.resolve();
  }

  caughtUp(): Promise<void> {
    const caughtUp = this.waiters.wait();
    this.nudge();
    return caughtUp;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.unwatch();
    this.waiters.close();
  }

  private deliver(): void {
    const committedBefore = this.told.clock.now();
    for (const organisationId of this.organisations.behind(this.log.headsNow())) {
      this.organisations.tell(organisationId, this.log.eventsAfter(organisationId, this.organisations.toldOf(organisationId)));
    }
    this.told.listener.onStamp({ committedBefore });
  }
}
