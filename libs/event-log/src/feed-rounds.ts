import type { DomainEvent } from '@sallyport/domain-events';
import { type Clock, Fault, isFault, type OrganisationId, type Revision, type Scheduler } from '@sallyport/kernel';

import type { FeedListener, FeedSubscription } from './event-feed.js';
import { eventLogFault } from './event-log-faults.js';
import { closedFault, FeedWaiters } from './feed-waiters.js';
import { FollowedOrganisations } from './followed-organisations.js';

/** What rounds read from: the reading half of an `EventLog`. */
export interface FeedSource {
  heads(): Promise<ReadonlyMap<OrganisationId, Revision>>;
  read(organisationId: OrganisationId, after: Revision, limit: number): Promise<readonly DomainEvent[]>;
}

/** What rounds are made of. */
export interface FeedRoundsParts {
  readonly source: FeedSource;
  readonly listener: FeedListener;
  /** What the listener already holds. */
  readonly applied: ReadonlyMap<OrganisationId, Revision>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Told of every round that failed, for the log; the next round tries again. */
  readonly onFault: (fault: Fault) => void;
}

/** The most time between two rounds, milliseconds; stamps must come at least this often. */
export const ROUND_MS = 500;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
const PAGE_EVENTS = 500;

/**
 * Follows a log by asking it, round after round, at most one at a time:
 *
 * ```
 * T = now → heads → what is new, page by page → deliver → stamp T → wait 500 ms, or for a nudge
 * ```
 *
 * T is taken before the question, so what was committed before T is in the answer. A round that fails delivers no stamp, and
 * the next one (sooner at first, then at most 2 s later) goes on after the last event delivered: no seam.
 */
export class FeedRounds implements FeedSubscription {
  private readonly organisations: FollowedOrganisations;
  private readonly waiters = new FeedWaiters();
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;
  private failures = 0;
  private cancelNext: () => void = () => undefined;

  constructor(private readonly parts: FeedRoundsParts) {
    this.organisations = new FollowedOrganisations(parts.listener, parts.applied);
    this.nudge();
  }

  nudge(): void {
    if (this.closed) return;
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.cancelNext();
    this.running = this.round().finally(() => this.afterRound());
  }

  caughtUp(): Promise<void> {
    const caughtUp = this.waiters.wait();
    this.nudge();
    return caughtUp;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelNext();
    this.waiters.close();
    await this.running;
  }

  private async round(): Promise<void> {
    const answered = this.waiters.take();
    try {
      await this.deliver();
      this.failures = 0;
      for (const waiter of answered) waiter.resolve();
    } catch (caught) {
      this.failures += 1;
      this.waiters.putBack(answered);
      if (!this.closed) this.parts.onFault(asFault(caught));
    }
  }

  private async deliver(): Promise<void> {
    const committedBefore = this.parts.clock.now();
    const heads = await this.parts.source.heads();
    this.refuseClosed();
    for (const organisationId of this.organisations.behind(heads)) await this.deliverOf(organisationId, heads.get(organisationId) ?? 0);
    this.parts.listener.onStamp({ committedBefore });
  }

  private async deliverOf(organisationId: OrganisationId, head: number): Promise<void> {
    while (this.organisations.toldOf(organisationId) < head) {
      const page = await this.readPage(organisationId);
      this.refuseClosed();
      if (page === undefined) return;
      if (page.length === 0) throw eventLogFault.unreachable(`${organisationId}: the head is ${head}, but nothing can be read before it`);
      this.organisations.tell(organisationId, page);
    }
  }

  /** The next events, `undefined` when they cannot be read by this version. */
  private async readPage(organisationId: OrganisationId): Promise<readonly DomainEvent[] | undefined> {
    try {
      return await this.parts.source.read(organisationId, this.organisations.toldOf(organisationId), PAGE_EVENTS);
    } catch (caught) {
      if (!isFault(caught, 'wire.undecodable')) throw caught;
      this.organisations.giveUp(organisationId, caught);
      return undefined;
    }
  }

  private afterRound(): void {
    this.running = undefined;
    if (this.closed) return;
    // A nudge during a failed round waits for the retry: asking a dead log at once, for ever, would be a busy loop.
    if (this.again && this.failures === 0) {
      this.again = false;
      this.nudge();
      return;
    }
    this.again = false;
    this.cancelNext = this.parts.scheduler.after(this.pauseMs(), () => this.nudge());
  }

  private pauseMs(): number {
    if (this.failures === 0) return ROUND_MS;
    return Math.min(FIRST_RETRY_MS * 2 ** (this.failures - 1), LONGEST_RETRY_MS);
  }

  private refuseClosed(): void {
    if (this.closed) throw closedFault();
  }
}

function asFault(caught: unknown): Fault {
  if (caught instanceof Fault) return caught;
  return eventLogFault.unreachable('a round of following the log failed', {}, caught);
}
