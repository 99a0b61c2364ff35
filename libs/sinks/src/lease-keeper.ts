import type { Clock, Scheduler } from '@sallyport/kernel';

import type { DeliveryStore, SinkLease } from './delivery-store.js';

/** What a keeper works with. */
export interface LeaseKeeperParts {
  readonly store: DeliveryStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly leaseMs: number;
  /** The lease is somebody else's, or its time went by without an answer of the store. */
  readonly onLost: () => void;
}

/** Says again and again that a lease is still in use, and notices when it is not its holder's any more. */
export class LeaseKeeper {
  private callOff: () => void;
  private keptMs: number;
  private over = false;

  constructor(
    private readonly lease: SinkLease,
    private readonly parts: LeaseKeeperParts,
  ) {
    this.keptMs = parts.clock.monotonicMs();
    this.callOff = this.later();
  }

  end(): void {
    this.over = true;
    this.callOff();
  }

  private later(): () => void {
    return this.parts.scheduler.after(this.parts.leaseMs / 3, () => void this.renew());
  }

  private async renew(): Promise<void> {
    const { store, clock, leaseMs } = this.parts;
    const askedMs = clock.monotonicMs();
    const kept = await store.lease(this.lease, this.lease.holder, { ttlMs: leaseMs, patienceMs: 0 }).catch(() => undefined); // not told: asked again until the lease would be over
    if (this.over) return;
    if (kept !== undefined && kept?.fence === this.lease.fence) this.keptMs = askedMs;
    else if (kept !== undefined || clock.monotonicMs() - this.keptMs >= leaseMs) return this.lost();
    this.callOff = this.later();
  }

  private lost(): void {
    this.over = true;
    this.parts.onLost();
  }
}
