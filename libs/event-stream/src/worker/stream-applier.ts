import type { DomainEvent } from '@sallyport/domain-events';
import type { FeedListener } from '@sallyport/event-log';
import { branded, Fault, isFault, type EpochMs, type OrganisationId, type Revision } from '@sallyport/kernel';
import { decodeEvent, decodeState, wireFault, type EventRecord, type FrontierRecord, type SnapshotRecord, type StampRecord } from '@sallyport/wire';

import { RecentPlaces } from './recent-places.js';
import { streamFault } from './stream-faults.js';

/** Events that came before their turn and are held; beyond that they are fetched again. */
const HELD_EVENTS = 1_000;

/** What of a stamp counts here; a frontier says the same. */
type Covered = Pick<StampRecord, 'committedBefore' | 'position'>;

/**
 * Turns verified bodies into what a listener is told, strictly in the order of positions:
 *
 * - `position` is the newest up to which every event has come; `position + 1` is applied, what is at or below is dropped,
 *   what is further ahead waits and is a gap until then.
 * - A stamp is passed on once the position it covers is reached, never before; and to a listener that begins with nothing once the
 *   stream was read to its end, since this worker may have said before that it applied more. Until then only what is too old for a
 *   strict organisation is passed on.
 * - What cannot be applied stops its organisation alone; its position counts all the same.
 */
export class StreamApplier {
  private reached = 0;
  private readonly applied: Map<OrganisationId, Revision>;
  private readonly refused = new Set<OrganisationId>();
  private readonly ahead = new Map<number, EventRecord>();
  private readonly places = new RecentPlaces();
  private due: DomainEvent[] = [];
  private waiting: Covered | null = null;
  private stamped: EpochMs | null = null;
  private unheard = false;
  private withholds: boolean;
  /** The time of the newest stamp that was passed on. */
  private told: EpochMs | null = null;

  /** @param applied What the listener already holds. */
  constructor(
    private readonly listener: FeedListener,
    applied: ReadonlyMap<OrganisationId, Revision>,
  ) {
    this.applied = new Map(applied);
    this.withholds = applied.size === 0;
  }

  /** The newest position up to which every event has come; 0 before the first. */
  get position(): number {
    return this.reached;
  }

  /** The time of the newest stamp whose position is reached; `null` before the first. */
  get stampedTo(): EpochMs | null {
    return this.stamped;
  }

  /** Whether stamps are kept back until the stream was read to its end. */
  get isWithholding(): boolean {
    return this.withholds;
  }

  /** Whether events are known to be missing after `position`. */
  get hasGap(): boolean {
    return this.ahead.size > 0 || this.waiting !== null;
  }

  /** Whether an organisation is refused that a newer snapshot could bring back. */
  get hasRefused(): boolean {
    return this.refused.size > 0;
  }

  /** Whether the listener takes snapshots. */
  get takesSnapshots(): boolean {
    return this.listener.onSnapshot !== undefined;
  }

  /** Takes an organisation's snapshot, unless it is not newer than what is applied. */
  snapshot({ organisationId, revision, state }: SnapshotRecord): void {
    if (this.listener.onSnapshot === undefined || revision <= this.revisionOf(organisationId)) return;
    try {
      const fold = decodeState(state);
      if (fold.organisationId !== organisationId || fold.revision !== revision) throw streamFault.misplaced(`the snapshot of ${organisationId} at ${revision} holds another state`);
      this.applied.set(organisationId, revision);
      this.refused.delete(organisationId);
      this.listener.onSnapshot(fold);
    } catch (caught) {
      this.refuseFor(organisationId, caught);
    }
  }

  /** Goes on from where the snapshots stand together. One that is missing or older than it says stops its organisation. */
  frontier(frontier: FrontierRecord): void {
    if (this.listener.onSnapshot === undefined) return;
    for (const [organisationId, revision] of frontier.snapshots) {
      const found = this.revisionOf(organisationId);
      if (found < revision) this.refuse(organisationId, streamFault.old_snapshot(`${organisationId}: the frontier names a snapshot at ${revision}, and ${found} is what there is`));
    }
    if (frontier.position > this.reached) {
      this.reached = frontier.position;
      for (const position of this.ahead.keys()) if (position <= this.reached) this.ahead.delete(position);
      this.events([]);
    }
    this.stamp(frontier);
  }

  /** Takes events as they come, and delivers in one step what is in its turn. */
  events(records: readonly EventRecord[]): void {
    for (const record of records) this.take(record);
    for (let next = this.fromAhead(); next !== undefined; next = this.fromAhead()) this.inTurn(next);
    this.deliver();
    if (this.waiting === null || this.waiting.position > this.reached) return;
    const { waiting } = this;
    this.waiting = null;
    this.stamp(waiting);
  }

  /** Takes a stamp: passes it on, or keeps it until its position is reached. Older ones than passed on say nothing new. */
  stamp({ committedBefore, position }: Covered): void {
    if (this.stamped !== null && committedBefore <= this.stamped) return;
    if (position > this.reached) {
      if (this.waiting === null || committedBefore >= this.waiting.committedBefore) this.waiting = { committedBefore, position };
      return;
    }
    this.stamped = committedBefore;
    if (!this.withholds) this.passOn(committedBefore);
  }

  /** The stream was read to its end: stamps say from now on what they say. */
  readToEnd(): void {
    if (!this.withholds) return;
    this.withholds = false;
    if (this.stamped !== null) this.passOn(this.stamped);
  }

  /** Passes on a stamp that is kept back and older than an instant. */
  passOnBefore(instant: EpochMs): void {
    if (this.withholds && this.stamped !== null && this.stamped < instant) this.passOn(this.stamped);
  }

  private passOn(committedBefore: EpochMs): void {
    if (committedBefore === this.told) return;
    this.told = committedBefore;
    if (!this.unheard) this.listener.onStamp({ committedBefore });
  }

  private take(record: EventRecord): void {
    if (record.position <= this.reached) return this.compareRepeated(record);
    if (record.position === this.reached + 1) return this.inTurn(record);
    // A copy: the bytes are a window into a whole batch.
    if (this.ahead.size < HELD_EVENTS) this.ahead.set(record.position, { ...record, event: Uint8Array.from(record.event) });
  }

  private fromAhead(): EventRecord | undefined {
    const next = this.ahead.get(this.reached + 1);
    this.ahead.delete(this.reached + 1);
    return next;
  }

  private inTurn(record: EventRecord): void {
    this.reached = record.position;
    this.places.note(record.position, record.event);
    const { organisationId, revision } = record;
    const expected = this.revisionOf(organisationId) + 1;
    if (this.refused.has(organisationId) || revision < expected) return;
    try {
      if (revision > expected) throw streamFault.history_gap(`${organisationId}: event ${revision} stands where ${expected} is the next`);
      this.due.push(eventOf(record));
      this.applied.set(organisationId, revision);
    } catch (caught) {
      this.refuseFor(organisationId, caught);
    }
  }

  /** A repeated event changes nothing; another one under its number is of a history that this worker does not have. */
  private compareRepeated({ position, organisationId, revision, event }: EventRecord): void {
    if (this.refused.has(organisationId)) return;
    if (revision <= this.revisionOf(organisationId) && !this.places.contradicts(position, event)) return;
    this.refuse(organisationId, streamFault.contradiction(`${organisationId}: position ${position} was taken as said otherwise; the log was put back, or two write it`));
  }

  private refuseFor(organisationId: OrganisationId, caught: unknown): void {
    if (!isFault(caught)) throw caught;
    this.refuse(organisationId, caught);
  }

  private refuse(organisationId: OrganisationId, fault: Fault): void {
    if (this.refused.has(organisationId)) return;
    this.refused.add(organisationId);
    this.deliver();
    if (this.listener.onUnreadable === undefined) this.unheard = true;
    else this.listener.onUnreadable(organisationId, fault);
  }

  private deliver(): void {
    if (this.due.length === 0) return;
    const { due } = this;
    this.due = [];
    this.listener.onEvents(due);
  }

  private revisionOf(organisationId: OrganisationId): Revision {
    return this.applied.get(organisationId) ?? branded<Revision>(0);
  }
}

function eventOf({ organisationId, revision, event }: EventRecord): DomainEvent {
  const read = decodeEvent(event);
  if (read.organisationId !== organisationId || read.revision !== revision) throw wireFault.undecodable(`event ${revision} of ${organisationId} holds another event`);
  return read;
}
