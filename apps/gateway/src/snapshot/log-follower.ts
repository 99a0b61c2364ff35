import type { EventFeed, FeedSubscription } from '@sallyport/event-log';

import type { SnapshotStore } from './snapshot-store.js';

/** Keeps a snapshot store on the event feed: from the backlog into live, and from the start of a gap again when one was found. */
export class LogFollower {
  private subscription: FeedSubscription | undefined;
  private following = false;
  private caughtUpOnce = false;

  constructor(
    private readonly feed: EventFeed,
    private readonly store: SnapshotStore,
  ) {}

  /** Whether the backlog that was there at the start has been applied. */
  get caughtUp(): boolean {
    return this.caughtUpOnce;
  }

  /** Resolves when everything committed before the call has been applied. */
  async start(): Promise<void> {
    this.following = true;
    this.follow();
    await this.settled();
  }

  /** Asks the feed again from what is applied; an organisation with a gap is healed by what it delivers. */
  repair(): void {
    if (!this.following) return;
    void this.subscription?.close();
    this.follow();
  }

  /** Fetches what is committed now, without waiting for the feed's next round. */
  nudge(): void {
    this.subscription?.nudge();
  }

  /** Ends following; the store stays as it is. */
  async stop(): Promise<void> {
    this.following = false;
    const { subscription } = this;
    this.subscription = undefined;
    await subscription?.close();
  }

  private follow(): void {
    const subscription = this.feed.follow(this.store, this.store.applied());
    this.subscription = subscription;
  }

  /** A repair closes the subscription that was waited for; what then counts is the next one's. */
  private async settled(): Promise<void> {
    for (let waitedFor = this.subscription; waitedFor !== undefined; waitedFor = this.subscription) {
      const reached = await waitedFor.caughtUp().then(() => true, () => false);
      if (reached && waitedFor === this.subscription) {
        this.caughtUpOnce = true;
        return;
      }
      if (waitedFor === this.subscription) return;
    }
  }
}
