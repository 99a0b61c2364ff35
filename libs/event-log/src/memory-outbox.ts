import { branded, ok, type OrganisationId, type Revision } from '@sallyport/kernel';

import { eventLogFault } from './event-log-faults.js';
import type { MemoryEventLog } from './memory-event-log.js';
import type { Outbox, OutboxLease, OutboxListener, OutboxRow } from './outbox.js';

const BATCH_EVENTS = 500;

/** The outbox of a `MemoryEventLog`, for tests: as many as like may contend for the lead of one instance. */
export class MemoryOutbox implements Outbox {
  private readonly rows: OutboxRow[] = [];
  private readonly placed = new Map<OrganisationId, Revision>();
  private publishedTo = 0;
  private leader: { listener: OutboxListener; unwatch: () => void } | undefined;

  constructor(private readonly log: MemoryEventLog) {}

  async tryLead(listener: OutboxListener): Promise<OutboxLease | undefined> {
    this.log.headsNow();
    if (this.leader !== undefined) return undefined;
    const leader = { listener, unwatch: this.log.watch(() => listener.onNews()) };
    this.leader = leader;
    const asking = async <Value>(work: () => Value): Promise<Value> => {
      if (this.leader !== leader) throw eventLogFault.unreachable('the lead was lost');
      return work();
    };
    return {
      place: () => asking(() => this.place()),
      read: (after) => asking(() => this.rows.slice(after, after + BATCH_EVENTS)),
      published: () => asking(() => this.publishedTo),
      markPublished: (upTo) => asking(() => void (this.publishedTo = Math.max(this.publishedTo, upTo))),
      tidy: () => asking(() => 0),
      release: async () => {
        if (this.leader === leader) this.letGo();
      },
    };
  }

  async close(): Promise<void> {}

  /** Takes the lead away from whoever has it, who is told. */
  sever(): void {
    const { leader } = this;
    this.letGo();
    leader?.listener.onLost(eventLogFault.unreachable('the lead was taken away'));
  }

  private letGo(): void {
    this.leader?.unwatch();
    this.leader = undefined;
  }

  private place(): number {
    for (const organisationId of this.log.headsNow().keys()) {
      for (const event of this.log.eventsAfter(organisationId, this.placed.get(organisationId) ?? branded<Revision>(0))) {
        this.rows.push({ position: this.rows.length + 1, organisationId, revision: event.revision, event: ok(event) });
        this.placed.set(organisationId, event.revision);
      }
    }
    return this.rows.length;
  }
}
