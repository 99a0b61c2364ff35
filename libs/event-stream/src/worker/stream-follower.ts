import { type Broker, type BrokerRecord, ChunkAssembler, type Following, type FollowOptions, TOPIC } from '@sallyport/broker';
import type { FeedListener, FeedSubscription } from '@sallyport/event-log';
import { branded, type Clock, type EpochMs, Fault, type OrganisationId, type Revision, type Scheduler } from '@sallyport/kernel';
import type { EventRecord } from '@sallyport/wire';

import { CaughtUpWaiters } from './caught-up-waiters.js';
import { type RecordGate, STAMP_KEY, type WholeRecord } from './record-gate.js';
import { StreamApplier } from './stream-applier.js';
import type { StreamCache } from './stream-cache.js';
import { StreamCopy } from './stream-copy.js';
import { streamFault } from './stream-faults.js';

/** What one follower is made of. */
export interface StreamFollowerParts {
  readonly broker: Broker;
  readonly gate: RecordGate;
  readonly cache: StreamCache | null;
  readonly listener: FeedListener;
  readonly applied: ReadonlyMap<OrganisationId, Revision>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly onFault: (fault: Fault) => void;
  /** Resolves when the follower before this one has ended. */
  readonly before: Promise<void>;
}

/** The time between two looks at whether all is well, milliseconds. */
export const LOOK_MS = 500;
/** Without a newer stamp for so long, the stream is followed anew. */
const SILENT_AFTER_MS = 3_000;
/** A stamp this old says that nobody stamps now: what was read to its end is all there is. */
const NOBODY_STAMPS_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** How much further back than needed a reading begins: publishers' and brokers' clocks differ. */
const MARGIN_MS = 60_000;

/** While an organisation is refused, snapshots are looked at so often for a newer one, milliseconds. */
const REREAD_MS = 60_000;

type From = FollowOptions['from'];

/**
 * Keeps one listener on the stream:
 *
 * ```
 * cache ─▶ enough? ─ no ─▶ snapshots, frontier ─▶ events from a little before ─ gap ─▶ from further back ─ gap ─▶ …
 *             │ yes ────────────────────────────────▲                 │ none
 *             every 500 ms: a gap ─▶ all of it again │     live ◀──────┘    silence ─▶ events again from where they ended
 * ```
 */
export class StreamFollower implements FeedSubscription {
  private readonly applier: StreamApplier;
  private readonly copy: StreamCopy;
  private readonly waiters: CaughtUpWaiters;
  private assembler = new ChunkAssembler();
  private events: Following | undefined;
  private snapshots: Following | undefined;
  private nextOffset: bigint | undefined;
  private stampsSeen = 0;
  private reading = true;
  private closed = false;
  private troubles = 0;
  private quietSinceMs = 0;
  private readSnapshotsAtMs = 0;
  private lookedForStamp: number | null = null;
  private cancelLook: () => void = () => undefined;
  private working: Promise<void> = Promise.resolve();
  private readonly ended: Promise<void>;

  constructor(private readonly parts: StreamFollowerParts) {
    this.applier = new StreamApplier(parts.listener, parts.applied);
    this.copy = new StreamCopy(parts.cache, parts.onFault);
    this.waiters = new CaughtUpWaiters(() => parts.clock.now());
    this.ended = this.begin();
    this.lookLater();
  }

  /** The newest position up to which every event has come. */
  get position(): number {
    return this.applier.position;
  }

  caughtUp(): Promise<void> {
    return this.waiters.wait();
  }

  /** The stream comes by itself. */
  nudge(): void {
    this.answerWaiters();
  }

  async close(): Promise<void> {
    if (this.closed) return this.ended;
    this.closed = true;
    this.cancelLook();
    this.waiters.close();
    await Promise.all([this.events?.close(), this.snapshots?.close()]);
    await this.ended;
    await this.working;
    this.copy.close();
  }

  private async begin(): Promise<void> {
    await this.parts.before;
    await this.attempt(async () => this.catchUp(this.parts.applied.size === 0 && (await this.readCopy())));
  }

  /** Reads the worker's own copy through the gate, up to where it is damaged; whether it is enough to go on from. */
  private async readCopy(): Promise<boolean> {
    const read = await this.copy.read((records) => {
      for (const record of records) if (this.closed || !this.applyKept(record)) return false;
      return true;
    });
    const { position } = this.applier;
    if (read === 'damaged' || position === 0 || this.closed) return false;
    this.copy.resume(position);
    return true;
  }

  private applyKept(record: WholeRecord): boolean {
    const body = this.parts.gate.open(record);
    if (body?.kind === 'snapshot') this.applier.snapshot(body);
    if (body?.kind === 'frontier') this.applier.frontier(body);
    if (body?.kind === 'event') this.applier.events([body]);
    if (body?.kind === 'stamp') this.applier.stamp(body);
    return body !== null;
  }

  /** @param knowsEnough Whether snapshots are only read when events turn out not to go on from what is there. */
  private async catchUp(knowsEnough: boolean): Promise<void> {
    if (knowsEnough && (await this.readEvents())) return;
    if (this.closed) return;
    await this.readSnapshots();
    if (await this.readEvents()) this.troubles = 0;
  }

  private async readSnapshots(): Promise<void> {
    this.readSnapshotsAtMs = this.parts.clock.monotonicMs();
    if (!this.applier.takesSnapshots) return;
    this.copy.begin();
    const assembler = new ChunkAssembler();
    let frontier: WholeRecord | undefined;
    this.snapshots = this.parts.broker.follow(TOPIC.snapshots, {
      from: 'start',
      onBatch: (records) => {
        for (const record of records) frontier = this.takeSnapshot(record, assembler) ?? frontier;
      },
      onFault: this.parts.onFault,
    });
    await this.snapshots.caughtUp();
    await this.snapshots.close();
    this.snapshots = undefined;
    const body = frontier === undefined ? null : this.parts.gate.open(frontier);
    if (body?.kind === 'frontier' && frontier !== undefined) {
      this.copy.finish(frontier, body.position);
      this.applier.frontier(body);
    }
  }

  /** Takes a snapshot or a key; answers the frontier, which counts only after all of them. */
  private takeSnapshot(record: BrokerRecord, assembler: ChunkAssembler): WholeRecord | undefined {
    const whole = this.parts.gate.whole(record, assembler);
    const body = whole === null ? null : this.parts.gate.open(whole);
    if (whole === null || body === null) return undefined;
    if (body.kind === 'frontier') return whole;
    this.copy.add(whole);
    if (body.kind === 'snapshot') this.applier.snapshot(body);
    return undefined;
  }

  /** Reads events to their end, from further back each time until nothing is missing; whether nothing is. */
  private async readEvents(): Promise<boolean> {
    for (const from of this.beginnings()) {
      this.stampsSeen = 0;
      await this.followEvents(from);
      await this.events?.caughtUp();
      if (this.closed) return false;
      if (!this.applier.hasGap && (this.stampsSeen > 0 || from === 'start')) {
        this.applier.readToEnd();
        return true;
      }
    }
    return false;
  }

  private beginnings(): readonly From[] {
    const nowMs = this.parts.clock.now() - MARGIN_MS;
    const stampedMs = (this.applier.stampedTo ?? 0) - MARGIN_MS;
    return [{ sinceMs: nowMs }, ...(stampedMs > 0 && stampedMs < nowMs ? [{ sinceMs: stampedMs }] : []), 'start'];
  }

  private async followEvents(from: From): Promise<void> {
    const { events } = this;
    this.events = undefined;
    await events?.close();
    if (this.closed) return;
    this.assembler = new ChunkAssembler();
    this.quietSinceMs = this.parts.clock.monotonicMs();
    this.events = this.parts.broker.follow(TOPIC.events, { from, onBatch: (records) => this.takeEvents(records), onFault: this.parts.onFault });
  }

  private takeEvents(records: readonly BrokerRecord[]): void {
    if (this.closed) return;
    const stamps: WholeRecord[] = [];
    const events: EventRecord[] = [];
    for (const record of records) {
      const whole = this.parts.gate.whole(record, this.assembler);
      if (whole?.key === STAMP_KEY) stamps.push(whole);
      else if (whole !== null) this.keep(whole, events);
      this.nextOffset = record.offset + 1n;
    }
    this.applyKeptEvents(events);
    this.takeNewestStamp(stamps);
    this.answerWaiters();
  }

  private keep(whole: WholeRecord, events: EventRecord[]): void {
    const body = this.parts.gate.open(whole);
    if (body?.kind === 'key') this.copy.add(whole);
    if (body?.kind !== 'event') return;
    this.copy.addEvent(whole, body.position);
    events.push(body);
  }

  /** What is reported as applied is in the copy: a worker that is killed and starts again from it is not behind its own word. */
  private applyKeptEvents(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    this.copy.flush();
    this.applier.events(events);
  }

  /** Of the stamps that came together the newest says what all of them say. */
  private takeNewestStamp(stamps: readonly WholeRecord[]): void {
    for (const whole of stamps.toReversed()) {
      const body = this.parts.gate.open(whole);
      if (body?.kind !== 'stamp') continue;
      this.stampsSeen += 1;
      this.copy.addStamp(whole, body.committedBefore);
      return this.applier.stamp(body);
    }
  }

  private lookLater(): void {
    if (!this.closed) this.cancelLook = this.parts.scheduler.after(LOOK_MS, () => this.look());
  }

  private look(): void {
    this.copy.flush();
    this.applier.passOnBefore(branded<EpochMs>(this.parts.clock.now() - NOBODY_STAMPS_MS));
    if (!this.reading) this.working = this.attempt(() => this.putRight());
    else this.answerWaiters();
    this.lookLater();
  }

  /** Repairs what is wrong, if something is and it is time. */
  private async putRight(): Promise<void> {
    this.answerWaiters();
    const { applier, parts } = this;
    if (applier.stampedTo !== this.lookedForStamp && !applier.hasGap && !applier.isWithholding) {
      this.lookedForStamp = applier.stampedTo;
      this.troubles = 0;
      this.quietSinceMs = parts.clock.monotonicMs();
    }
    const waitedMs = parts.clock.monotonicMs() - this.quietSinceMs;
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** this.troubles, LONGEST_RETRY_MS);
    if (applier.hasGap && waitedMs >= (this.troubles === 0 ? LOOK_MS : pauseMs)) return this.repairGap();
    if (applier.isWithholding && waitedMs >= pauseMs) return this.beginAgain();
    if (waitedMs >= SILENT_AFTER_MS + (this.troubles === 0 ? 0 : pauseMs)) return this.followAnew();
    const readMs = parts.clock.monotonicMs() - this.readSnapshotsAtMs;
    if (this.copy.isFull || (applier.hasRefused && readMs >= REREAD_MS)) return this.catchUp(false);
  }

  /** The first reading failed, which was told: only one that ends lets stamps through. */
  private async beginAgain(): Promise<void> {
    this.quietSinceMs = this.parts.clock.monotonicMs();
    await this.catchUp(false);
  }

  private async repairGap(): Promise<void> {
    this.troubles += 1;
    this.quietSinceMs = this.parts.clock.monotonicMs();
    this.parts.onFault(streamFault.gap(`events after position ${this.applier.position} are missing; everything is read again`, { position: this.applier.position }));
    await this.catchUp(false);
    if (!this.applier.hasGap) this.troubles = 0;
  }

  /** A consumer may be dead while its process lives; one that goes on where it ended is not. */
  private async followAnew(): Promise<void> {
    this.troubles += 1;
    this.parts.onFault(streamFault.silent(`no newer stamp than of ${this.applier.stampedTo ?? 'never'}; the stream is followed anew`));
    const needed = this.assembler.neededFrom(TOPIC.events, 0) ?? this.nextOffset;
    await this.followEvents(needed === undefined ? 'start' : new Map([[0, needed]]));
  }

  /** One reading at a time; what fails is told, and tried again at a later look. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    this.reading = true;
    try {
      await work();
    } catch (caught) {
      this.troubles += 1;
      if (!this.closed) this.parts.onFault(caught instanceof Fault ? caught : streamFault.failed('following the stream failed', {}, caught));
    } finally {
      this.reading = false;
      this.answerWaiters();
    }
  }

  /** Those who wait are answered by a stamp later than their asking; where nobody stamps, by having read to the end. */
  private answerWaiters(): void {
    const { stampedTo } = this.applier;
    if (stampedTo !== null && !this.applier.isWithholding) this.waiters.reached(stampedTo);
    const { events } = this;
    if (this.reading || this.applier.hasGap || events === undefined) return;
    if (stampedTo === null || this.parts.clock.now() - stampedTo > NOBODY_STAMPS_MS) this.waiters.readToEnd(() => events.caughtUp());
  }
}
