import type { DomainEvent } from '@sallyport/domain-events';
import type { FeedListener, Stamp } from '@sallyport/event-log';
import { branded, type Fault, type OrganisationId, type Revision, type Sha256Hex } from '@sallyport/kernel';
import { OrganisationFold } from '@sallyport/organisation-state';
import { stateHash } from '@sallyport/wire';

/** A listener that folds as a worker does, and notes every step that a worker must never see. */
export class FoldingListener implements FeedListener {
  readonly folds = new Map<OrganisationId, OrganisationFold>();
  readonly refusedFor = new Map<OrganisationId, string>();
  readonly stamps: Stamp[] = [];
  /** Events that were not the next one of their organisation. */
  readonly gaps: string[] = [];
  /** How many snapshots were taken. */
  snapshots = 0;

  onEvents(events: readonly DomainEvent[]): void {
    for (const event of events) this.take(event);
  }

  onSnapshot(state: OrganisationFold): void {
    if (state.revision <= this.revisionOf(state.organisationId)) return;
    this.snapshots += 1;
    this.refusedFor.delete(state.organisationId);
    this.folds.set(state.organisationId, state);
  }

  onStamp(stamp: Stamp): void {
    this.stamps.push(stamp);
  }

  onUnreadable(organisationId: OrganisationId, fault: Fault): void {
    this.refusedFor.set(organisationId, fault.code);
  }

  /** The revision applied of an organisation; 0 before its first event. */
  revisionOf(organisationId: OrganisationId): Revision {
    return this.folds.get(organisationId)?.revision ?? branded<Revision>(0);
  }

  /** The hash of an organisation's folded state; `undefined` of one nobody heard of. */
  hashOf(organisationId: OrganisationId): Sha256Hex | undefined {
    const fold = this.folds.get(organisationId);
    return fold === undefined ? undefined : stateHash(fold);
  }

  /** Milliseconds since the newest stamp's time; endless before the first. */
  ageMs(nowMs: number): number {
    return nowMs - (this.stamps.at(-1)?.committedBefore ?? -Infinity);
  }

  /** What is applied, for a feed to go on from. */
  applied(): ReadonlyMap<OrganisationId, Revision> {
    return new Map([...this.folds].map(([id, { revision }]) => [id, revision]));
  }

  private take(event: DomainEvent): void {
    const fold = this.folds.get(event.organisationId) ?? new OrganisationFold(event.organisationId);
    this.folds.set(event.organisationId, fold);
    if (event.revision <= fold.revision || this.refusedFor.has(event.organisationId)) return;
    const folded = fold.apply(event);
    if (folded.ok) return;
    if (folded.refusal.code === 'state.out_of_order') this.gaps.push(`${event.organisationId}: ${event.revision} after ${fold.revision}`);
    else this.refusedFor.set(event.organisationId, folded.refusal.code);
  }
}
