import { type EventFeed, type FeedListener, FeedRounds, type FeedSubscription} from '@sallyport/event-log';
import { timerScheduler, type Clock, type Fault, type OrganisationId, type Revision, type Scheduler } from '@sallyport/kernel';

import { FeedConnection } from './feed-connection.js';

/** What a feed is made of. */
export interface PostgresEventFeedParts {
  /** A login that may become the follower role. */
  readonly url: string;
  readonly clock: Clock;
  /** The runtime's timers when absent. */
  readonly scheduler?: Scheduler;
  /** Told of every round that failed, for the log; the feed goes on by itself. */
  readonly onFault: (fault: Fault) => void;
}

/**
 * Follows the log in PostgreSQL: a round every 500 ms and at every notification, each follower on a connection of its own.
 * When PostgreSQL goes away, stamps stop; the connection is made anew and following goes on after the last event delivered.
 */
export class PostgresEventFeed implements EventFeed {
  constructor(private readonly parts: PostgresEventFeedParts) {}

  follow(listener: FeedListener, applied: ReadonlyMap<OrganisationId, Revision>): FeedSubscription {
    const { url, clock, scheduler = timerScheduler(globalThis), onFault } = this.parts;
    const connection: FeedConnection = new FeedConnection(url, () => rounds.nudge());
    const rounds: FeedRounds = new FeedRounds({ source: connection, listener, applied, clock, scheduler, onFault });
    return {
      caughtUp: () => rounds.caughtUp(),
      nudge: () => rounds.nudge(),
      close: async () => {
        await Promise.all([rounds.close(), connection.close()]);
      },
    };
  }
}
