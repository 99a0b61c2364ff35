import type { AuditBus } from '@sallyport/audit';
import type { Clock, Scheduler } from '@sallyport/kernel';

import type { Backlog, ShipmentBounds } from './backlog.js';
import { isAfter, type JournalPosition } from './journal-position.js';

/** What a shipper works with and tells. */
export interface ShipperOptions {
  readonly backlog: Backlog;
  readonly bus: AuditBus;
  readonly bounds: ShipmentBounds;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** How long a first record waits for company before it is shipped, milliseconds. */
  readonly lingerMs: number;
  /** From 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  /** The backlog's acknowledged position moved: remember it, free segments. `isUrgent`: someone waits for all to be shipped. */
  onAcknowledged(records: number, isUrgent: boolean): Promise<void>;
  /** The journal's own files failed. */
  onBroken(caught: unknown): void;
}

interface ArrivalWaiter {
  readonly upTo: JournalPosition;
  /** Whether that it arrived has to be remembered on the disk too. */
  readonly isUrgent: boolean;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 30_000;

/** Publishes the backlog, one shipment at a time and in order, again and again until it is taken. */
export class Shipper {
  private state: 'idle' | 'lingering' | 'shipping' | 'waiting to retry' | 'stopped' = 'idle';
  private cancelLinger: () => void = () => {};
  private failures = 0;
  private failingSince: number | null = null;
  private waiters: ArrivalWaiter[] = [];

  constructor(private readonly options: ShipperOptions) {}

  /** Shipments in a row that the bus refused. */
  get failureCount(): number {
    return this.failures;
  }

  /** For how long the bus has refused everything, milliseconds; 0 while it takes records. */
  get failingForMs(): number {
    return this.failingSince === null ? 0 : this.options.clock.monotonicMs() - this.failingSince;
  }

  /** There is something to ship. `isEnough`: no reason to wait for more. */
  wake(isEnough: boolean): void {
    if (this.state === 'lingering' && isEnough) {
      this.cancelLinger();
      this.begin();
    } else if (this.state === 'idle') {
      if (isEnough || this.options.lingerMs === 0) return this.begin();
      this.state = 'lingering';
      this.cancelLinger = this.options.scheduler.after(this.options.lingerMs, () => this.begin());
    }
  }

  /** Resolves when everything up to a position is acknowledged and that is remembered; rejects when the shipper stops first. */
  drained(upTo: JournalPosition): Promise<void> {
    return this.reached(upTo, true);
  }

  /** Resolves when everything up to a position is acknowledged; rejects when the shipper stops first. */
  arrived(upTo: JournalPosition): Promise<void> {
    return this.reached(upTo, false);
  }

  private reached(upTo: JournalPosition, isUrgent: boolean): Promise<void> {
    if (!isAfter(upTo, this.options.backlog.acknowledged)) return Promise.resolve();
    const reached = new Promise<void>((resolve, reject) => this.waiters.push({ upTo, isUrgent, resolve, reject }));
    this.wake(true);
    return reached;
  }

  /** Nothing is begun any more. A shipment on its way may arrive; it will be shipped again by the next owner of the folder. */
  stop(reason: Error): void {
    this.state = 'stopped';
    this.cancelLinger();
    for (const waiter of this.waiters) waiter.reject(reason);
    this.waiters = [];
  }

  private begin(): void {
    if (this.state === 'stopped') return;
    this.state = 'shipping';
    this.shipAll().catch((caught: unknown) => this.options.onBroken(caught));
  }

  private async shipAll(): Promise<void> {
    const { backlog, bounds } = this.options;
    while (this.state === 'shipping') {
      const shipment = await backlog.next(bounds);
      if (this.hasStopped()) return;
      if (shipment === null) {
        this.state = 'idle';
        if (!backlog.isEmpty) this.wake(true);
        return;
      }
      const isTaken = await this.publish(shipment.records);
      if (this.hasStopped()) return;
      if (!isTaken) return this.retryLater();
      this.failures = 0;
      this.failingSince = null;
      backlog.acknowledge(shipment.last);
      await this.options.onAcknowledged(shipment.records.length, this.waiters.some((waiter) => waiter.isUrgent));
      this.tellWaiters();
    }
  }

  private async publish(records: Parameters<AuditBus['publish']>[0]): Promise<boolean> {
    try {
      await this.options.bus.publish(records);
      return true;
    } catch {
      return false; // kept and sent again; the backlog's age tells how long already
    }
  }

  private retryLater(): void {
    this.failingSince ??= this.options.clock.monotonicMs();
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    this.state = 'waiting to retry';
    this.options.scheduler.after(longest * (0.5 + this.options.random() / 2), () => this.begin());
  }

  private tellWaiters(): void {
    const { acknowledged } = this.options.backlog;
    const done = this.waiters.filter((waiter) => !isAfter(waiter.upTo, acknowledged));
    this.waiters = this.waiters.filter((waiter) => isAfter(waiter.upTo, acknowledged));
    for (const waiter of done) waiter.resolve();
  }

  private hasStopped(): boolean {
    return this.state === 'stopped';
  }
}
