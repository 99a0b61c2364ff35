import { Inject, Injectable } from '@nestjs/common';
import { inOrganisation } from '@sallyport/event-log-postgres';
import { branded, ok, refuse, type OrganisationId, type Result } from '@sallyport/kernel';
import {
  sinksFault,
  type CommitRefusal,
  type DeadLetter,
  type DeadLetterPage,
  type DeliveryChange,
  type DeliveryStore,
  type LeaseWish,
  type SinkKey,
  type SinkLease,
  type SinkProgress,
} from '@sallyport/sinks';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../../../platform/parts.js';
import { AuditHub } from '../../audit/store/audit-hub.js';
import { Sequencer } from '../../audit/store/sequencer.js';
import { countWaiting, insertDeadLetters, selectDeadLetter, selectDeadLetters, settleDeadLetters } from './dead-letter-rows.js';
import { insertDelivery, leaseDelivery, lockDelivery, releaseDelivery, selectProgress, updateProgress } from './delivery-rows.js';
import { attendFleet, leaveFleet } from './fleet-rows.js';

/** Keeps every sink's export in PostgreSQL: a write, its dead letters and what it says in the audit stream are one transaction. */
@Injectable()
export class PostgresDeliveryStore implements DeliveryStore {
  constructor(
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
    @Inject(Sequencer) private readonly sequencer: Sequencer,
    @Inject(AuditHub) private readonly hub: AuditHub,
  ) {}

  open(sink: SinkKey, fresh: SinkProgress): Promise<SinkProgress> {
    return this.within(sink, async (rows) => {
      await insertDelivery(rows, sink, fresh);
      return (await selectProgress(rows, sink)) ?? fresh;
    });
  }

  load(sink: SinkKey): Promise<SinkProgress | null> {
    return this.within(sink, (rows) => selectProgress(rows, sink));
  }

  lease(sink: SinkKey, holder: string, wish: LeaseWish): Promise<SinkLease | null> {
    return this.within(sink, (rows) => leaseDelivery(rows, sink, { holder, ...wish }));
  }

  release(lease: SinkLease): Promise<void> {
    return this.within(lease, (rows) => releaseDelivery(rows, lease));
  }

  attend(fleet: string, ttlMs: number): Promise<number> {
    return this.answered(attendFleet(this.dataSource, fleet, ttlMs));
  }

  leave(fleet: string): Promise<void> {
    return this.answered(leaveFleet(this.dataSource, fleet));
  }

  async commit(sink: SinkKey, fence: number | null, change: DeliveryChange): Promise<Result<void, CommitRefusal>> {
    if (change.facts.length > 0) await this.answered(this.sequencer.prepare());
    let newest = 0;
    const done = await this.within(sink, async (rows) => {
      const refusal = await this.refusalOf(rows, sink, fence, change);
      if (refusal !== null) return refuse(refusal);
      await updateProgress(rows, sink, change.progress);
      await insertDeadLetters(rows, sink, change.deadLetters);
      if (change.settled !== null) await settleDeadLetters(rows, sink, change.settled);
      newest = await this.say(rows, sink, change);
      return ok(undefined);
    });
    if (newest > 0) this.hub.grown(ownerOf(sink), newest);
    return done;
  }

  deadLetters(sink: SinkKey, page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    return this.within(sink, (rows) => selectDeadLetters(rows, sink, page));
  }

  deadLetter(sink: SinkKey, seq: number): Promise<DeadLetter | null> {
    return this.within(sink, (rows) => selectDeadLetter(rows, sink, seq));
  }

  waitingDeadLetters(sink: SinkKey): Promise<number> {
    return this.within(sink, (rows) => countWaiting(rows, sink));
  }

  remove(sink: SinkKey): Promise<void> {
    return this.within(sink, (rows) => forgetSink(rows, sink));
  }

  private async refusalOf(rows: EntityManager, sink: SinkKey, fence: number | null, { progress }: DeliveryChange): Promise<CommitRefusal | null> {
    const kept = await lockDelivery(rows, sink);
    if (kept === null) return 'gone';
    if (fence !== null && fence !== kept.fence) return 'superseded';
    if (progress.revision !== kept.revision + 1) return 'moved_on';
    if (progress.cursor < kept.cursor) throw sinksFault.cursor_back(`sink ${sink.sinkId}: ${kept.cursor} to ${progress.cursor}`);
    return null;
  }

  /** @returns the newest place in the stream; 0 when nothing is to be said. */
  private async say(rows: EntityManager, sink: SinkKey, { facts }: DeliveryChange): Promise<number> {
    if (facts.length === 0) return 0;
    const events = await this.sequencer.append(rows, ownerOf(sink), facts);
    return events.at(-1)?.seq ?? 0;
  }

  private within<Value>(sink: SinkKey, work: (rows: EntityManager) => Promise<Value>): Promise<Value> {
    return this.answered(inOrganisation(this.dataSource, ownerOf(sink), work));
  }

  /** An error of the driver, which is no fault yet, is that the store does not answer. */
  private async answered<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await work;
    } catch (caught) {
      throw isDriverError(caught) ? sinksFault.store_unreachable('PostgreSQL refused or lost a statement of an export', {}, caught) : caught;
    }
  }
}

/** Forgets what is kept of a sink's export, in the caller's transaction. */
export async function forgetSink(rows: EntityManager, { organisationId, sinkId }: SinkKey): Promise<void> {
  for (const table of ['sink_dead_letters', 'sink_deliveries', 'sink_challenges']) {
    await rows.query(`DELETE FROM ${table} WHERE organisation_id = $1 AND sink_id = $2`, [organisationId, sinkId]);
  }
}

function ownerOf({ organisationId }: SinkKey): OrganisationId {
  return branded<OrganisationId>(organisationId);
}

function isDriverError(caught: unknown): boolean {
  return caught instanceof Error && (caught.name === 'QueryFailedError' || 'code' in caught) && !('spec' in caught);
}
