import type { Broker } from '@sallyport/broker';
import type { EventLog, Outbox, OutboxLease } from '@sallyport/event-log';
import { branded, Fault, type Clock, type EpochMs, type Scheduler } from '@sallyport/kernel';
import type { RecordSigner, RecordVerifier } from '@sallyport/secrets';

import { relayFault } from './relay-faults.js';
import { RelayRounds } from './relay-rounds.js';
import { keyAnnouncements } from './signed-publications.js';
import { Snapshotter } from './snapshotter.js';

/** What a relay is made of. */
export interface RelayParts {
  readonly outbox: Outbox;
  /** What snapshots are folded from. */
  readonly log: Pick<EventLog, 'heads' | 'read'>;
  /** Its topics exist. */
  readonly broker: Broker;
  readonly signer: RecordSigner;
  /** Trusts the signer's key. */
  readonly verifier: RecordVerifier;
  /** The key that workers trust already, where `signer` is a new one: it announces the new one whenever this process takes the lead. */
  readonly announcedBy?: RecordSigner;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Told of everything that fails meanwhile, for the log; the relay goes on by itself. */
  readonly onFault: (fault: Fault) => void;
  /** Told whenever this process takes the lead or no longer has it. */
  readonly onLead?: (leading: boolean) => void;
  readonly snapshots?: { readonly everyEvents?: number; readonly everyMs?: number };
}

/** What runs while this process leads. */
interface Lead {
  readonly lease: OutboxLease;
  readonly rounds: RelayRounds;
  readonly snapshotter: Snapshotter;
}

/** How often one who does not lead tries to, milliseconds. */
const TRY_MS = 250;

/**
 * Publishes what was committed: signed, in order, with stamps and snapshots. Of all that run, one leads and the others stand by;
 * when the lead is lost everything of it ends, and whoever is first goes on. What one that was held up publishes late was
 * published before, or is older than what was: readers drop it.
 */
export class Relay {
  private lead: Lead | undefined;
  private changing: Promise<void> = Promise.resolve();
  private closed = false;
  private cancelNext: () => void = () => undefined;

  constructor(private readonly parts: RelayParts) {
    this.changing = this.contend();
  }

  /** Whether this process leads. */
  get leading(): boolean {
    return this.lead !== undefined;
  }

  /** Publishes all snapshots anew, folded from each organisation's first event. Only the leader can; `false` when this is not it. */
  rebuildSnapshots(): boolean {
    this.lead?.snapshotter.rebuildAll();
    this.lead?.snapshotter.nudge();
    return this.lead !== undefined;
  }

  /** Ends after what is being published, and lets another lead at once. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelNext();
    await this.changing;
    await this.stepDown();
    await this.parts.outbox.close();
  }

  private async contend(): Promise<void> {
    if (this.lead !== undefined || this.closed) return;
    try {
      const lease = await this.tryLead();
      if (lease === undefined) return this.tryLater();
      if (this.closed) return await lease.release();
      await this.begin(lease);
    } catch (caught) {
      if (!this.closed) this.parts.onFault(caught instanceof Fault ? caught : relayFault.failed('taking the lead failed', {}, caught));
      this.tryLater();
    }
  }

  private tryLead(): Promise<OutboxLease | undefined> {
    return this.parts.outbox.tryLead({
      onNews: () => this.lead?.rounds.nudge(),
      onLost: (fault) => {
        if (this.closed) return;
        this.parts.onFault(fault);
        this.changing = this.changing.then(() => this.stepDown()).then(() => this.tryLater());
      },
    });
  }

  private async begin(lease: OutboxLease): Promise<void> {
    const { broker, signer, announcedBy, clock, onFault } = this.parts;
    try {
      if (announcedBy !== undefined) await broker.publish(keyAnnouncements(signer, announcedBy, branded<EpochMs>(Math.floor(clock.now()))));
    } catch (caught) {
      await lease.release();
      throw caught;
    }
    const rounds = new RelayRounds({ ...this.parts, lease });
    const snapshotter = new Snapshotter({ ...this.parts, ...this.parts.snapshots, covered: () => rounds.covered, onFault });
    this.lead = { lease, rounds, snapshotter };
    this.parts.onLead?.(true);
    rounds.nudge();
  }

  private async stepDown(): Promise<void> {
    const { lead } = this;
    if (lead === undefined) return;
    this.lead = undefined;
    this.parts.onLead?.(false);
    await Promise.all([lead.rounds.stop(), lead.snapshotter.stop()]);
    await lead.lease.release();
  }

  private tryLater(): void {
    this.cancelNext();
    if (this.closed) return;
    this.cancelNext = this.parts.scheduler.after(TRY_MS, () => {
      this.changing = this.changing.then(() => this.contend());
    });
  }
}
