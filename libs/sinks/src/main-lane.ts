import { parseStored } from './outgoing-event.js';
import { BatchFlight, type MeasuredEvent, type SettledFront } from './batch-flight.js';
import { factTools, type ExportParts } from './export-parts.js';
import { isAboutExport } from './export-fact.js';
import { flyBatches, type Trouble } from './fly-batches.js';
import { isRefusedAsOne, lettersOf, sizesOf } from './settled-front.js';
import { acknowledge, attempting, passRetention } from './progress-steps.js';
import type { Rest } from './rest.js';
import { letsThrough } from './sink-filter.js';
import type { SinkHandle } from './sink-handle.js';
import type { SinkLedger } from './sink-ledger.js';
import type { SinkPlan } from './sink-plan.js';
import { triesSingleEvents } from './sink-progress.js';
import type { BatchBounds } from './sink-type.js';
import { Trail } from './trail.js';

/** What both lanes of a sink work with. */
export interface LaneParts {
  readonly plan: SinkPlan;
  readonly parts: ExportParts;
  readonly ledger: SinkLedger;
  readonly handle: SinkHandle;
  readonly bounds: BatchBounds;
  readonly rest: Rest;
  /** Aborts when the exporter stops or has lost its lease. */
  readonly stop: AbortSignal;
}

/** What a turn of a lane came to. */
export type LaneTurn = { readonly kind: 'moved' } | { readonly kind: 'idle'; readonly waitMs: number } | { readonly kind: 'trouble'; readonly trouble: Trouble; readonly attemptTo: number | null };

interface Load {
  readonly flight: BatchFlight;
  readonly to: number;
  readonly filtered: number;
  readonly checkpoint: string | null;
  readonly leave: () => void;
}

const PAGE_EVENTS = 500;
const NOTHING_SENT = { delivered: 0, bytes: 0, asOne: false } as const;
/** Events that are looked at for one batch, where the filter lets few through. */
const MOST_LOOKED_AT = 5_000;

/** Brings a sink what its stream gets, in order: reads on, sends, and moves the cursor over what was settled. */
export class MainLane {
  private readonly passes: (event: { readonly type: string; readonly outcome: string | null }) => boolean;
  private readonly trail: Trail;
  private position: number;
  private load: Load | null = null;
  private writtenMs: number;

  constructor(private readonly lane: LaneParts) {
    this.passes = letsThrough(lane.plan.filter);
    this.trail = new Trail(lane.plan.type.resendMs);
    this.position = lane.ledger.now.cursor;
    this.writtenMs = lane.parts.clock.monotonicMs();
  }

  /** Sends what there is, at most a few batches of it. */
  async turn(): Promise<LaneTurn> {
    this.followLedger();
    this.load ??= await this.fetch();
    if (this.load === null) return this.idle();
    const load = this.load;
    if (this.lane.plan.type.keepsBatches === true && !load.flight.over) await this.lane.ledger.write(attempting(load.to));
    const trouble = await flyBatches(load.flight, this.crew(load));
    if (trouble === null) await this.landed(load);
    else await this.strand(load, trouble);
    return trouble === null ? { kind: 'moved' } : { kind: 'trouble', trouble, attemptTo: load.to };
  }

  /** Whether events are held that may have been delivered in part. */
  get isUnderWay(): boolean {
    return this.load !== null;
  }

  /** Gives back the memory of what is under way. */
  release(): void {
    if (this.load !== null) this.drop(this.load);
  }

  /** An administrator may have moved the cursor over what is under way. */
  private followLedger(): void {
    const { cursor } = this.lane.ledger.now;
    if (cursor <= this.position) return;
    this.release();
    this.trail.forget();
    this.position = cursor;
  }

  private async idle(): Promise<LaneTurn> {
    const { clock, limits } = this.lane.parts;
    if (clock.monotonicMs() - this.writtenMs >= limits.lookMs) await this.write(NOTHING_SENT);
    return { kind: 'idle', waitMs: limits.lookMs };
  }

  private async fetch(): Promise<Load | null> {
    const { plan, parts, bounds, stop } = this.lane;
    const roomBytes = Math.min(bounds.maxBytes * this.concurrency, parts.limits.sinkBytes);
    const leave = await parts.room.enter(plan.organisationId, roomBytes, stop);
    if (leave === null) return null;
    try {
      const read = await this.readOn(roomBytes);
      if (read !== null) return { ...read, flight: new BatchFlight(read.events, bounds), checkpoint: await parts.source.checkpoint(plan.stream), leave };
    } catch (fault) {
      leave();
      throw fault;
    }
    leave();
    return null;
  }

  /** Reads until a load is full, the stream has no more, or enough was looked at. */
  private async readOn(roomBytes: number): Promise<{ readonly events: readonly MeasuredEvent[]; readonly to: number; readonly filtered: number } | null> {
    const { plan, parts, rest } = this.lane;
    const reading = new Reading(this.position, this.limits(roomBytes), (event) => this.measured(event));
    for (let lingered = false; ; ) {
      const page = await parts.source.read(plan.stream, reading.at, { maxEvents: PAGE_EVENTS, maxBytes: roomBytes });
      if (page.oldest > reading.at + 1) {
        if (reading.at > this.position) break;
        await this.overRetention(page.oldest);
        reading.at = this.position;
      } else {
        const full = reading.take(page.events);
        if (full || reading.at < page.newest) {
          if (full || page.events.length === 0) break;
        } else {
          if (lingered || reading.events.length === 0) break;
          lingered = true;
          await rest.sleep(parts.limits.lingerMs);
          if (rest.over) return null;
        }
      }
    }
    return reading.at === this.position ? null : { events: reading.events, to: reading.at, filtered: reading.filtered };
  }

  private limits(maxBytes: number): ReadingLimits {
    const { attemptTo } = this.lane.ledger.now;
    const to = attemptTo !== null && attemptTo > this.position ? attemptTo : Infinity;
    return { to, maxBytes, maxEvents: triesSingleEvents(this.lane.ledger.now) ? 1 : this.lane.bounds.maxEvents * this.concurrency };
  }

  /** The event as it goes out; null where the filter keeps it back. What is said of the sink's own export always goes out. */
  private measured(stored: Parameters<typeof parseStored>[0]): MeasuredEvent | null {
    const { plan, handle } = this.lane;
    const own = isAboutExport(stored);
    if (!own && !this.passes(stored)) return null;
    const event = parseStored(stored);
    if (own && event.event.export?.sink_id !== plan.sinkId && !this.passes(stored)) return null;
    return { ...event, bytes: handle.size(event) };
  }

  private async overRetention(oldest: number): Promise<void> {
    const { ledger } = this.lane;
    await ledger.write(passRetention(this.position, oldest));
    this.trail.forget();
    this.position = Math.max(oldest - 1, ledger.now.cursor);
  }

  private crew(load: Load): Parameters<typeof flyBatches>[1] {
    const { plan, handle, stop } = this.lane;
    return {
      ...{ handle, stop, concurrency: this.concurrency },
      batch: (group) => load.flight.batch(group, { replay: false, checkpoint: load.checkpoint }, plan.sinkId),
      settle: (front) => this.settle(front),
    };
  }

  private async settle(front: SettledFront): Promise<boolean> {
    const { parts, ledger } = this.lane;
    this.position = front.last;
    this.trail.add({ to: front.last, filtered: 0, deadLetters: lettersOf(front, parts.clock.now()) }, parts.clock.monotonicMs());
    await this.write({ ...sizesOf(front), asOne: isRefusedAsOne(front) });
    return ledger.now.state !== 'paused' && ledger.now.state !== 'disabled';
  }

  private async landed(load: Load): Promise<void> {
    this.position = load.to;
    this.trail.add({ to: load.to, filtered: load.filtered, deadLetters: [] }, this.lane.parts.clock.monotonicMs());
    this.drop(load);
    if (this.lane.parts.clock.monotonicMs() - this.writtenMs >= this.lane.parts.limits.lookMs) await this.write(NOTHING_SENT);
  }

  /** Keeps a load only while it knows of events that need not go out again; what receivers did not acknowledge goes out from the cursor on. */
  private async strand(load: Load, trouble: Trouble): Promise<void> {
    const again = this.lane.plan.type.resendMs > 0;
    if (again || !load.flight.partlySettled || trouble.kind !== 'failed') this.drop(load);
    if (!again) return;
    await this.write(NOTHING_SENT);
    this.trail.forget();
    this.position = this.lane.ledger.now.cursor;
  }

  private async write(sizes: { readonly delivered: number; readonly bytes: number; readonly asOne: boolean }): Promise<void> {
    const { plan, parts, ledger } = this.lane;
    const nowMs = parts.clock.monotonicMs();
    const passed = this.trail.take(nowMs);
    if (passed === null && sizes.delivered === 0) return;
    this.writtenMs = nowMs;
    const { to, filtered, deadLetters } = passed ?? { to: ledger.now.cursor, filtered: 0, deadLetters: [] };
    await ledger.write(acknowledge(plan, { ...sizes, sent: this.position, cursor: to, filtered, deadLetters }, factTools(parts)));
  }

  private drop(load: Load): void {
    this.load = null;
    load.leave();
  }

  private get concurrency(): number {
    return this.lane.plan.type.dedupes ? this.lane.parts.limits.concurrency : 1;
  }
}

interface ReadingLimits {
  readonly to: number;
  readonly maxBytes: number;
  readonly maxEvents: number;
}

/** What was read so far for one load. */
class Reading {
  readonly events: MeasuredEvent[] = [];
  filtered = 0;
  private bytes = 0;
  private lookedAt = 0;

  constructor(
    public at: number,
    private readonly limits: ReadingLimits,
    private readonly measured: (stored: Parameters<typeof parseStored>[0]) => MeasuredEvent | null,
  ) {}

  /** Takes events in; answers whether that is enough. */
  take(page: readonly Parameters<typeof parseStored>[0][]): boolean {
    for (const stored of page) {
      if (stored.seq <= this.at) continue;
      if (stored.seq > this.limits.to) return true;
      const event = this.measured(stored);
      if (event !== null && this.events.length > 0 && this.bytes + event.bytes > this.limits.maxBytes) return true;
      this.add(stored.seq, event);
      if (this.events.length >= this.limits.maxEvents || this.lookedAt >= MOST_LOOKED_AT || this.at >= this.limits.to) return true;
    }
    return false;
  }

  private add(seq: number, event: MeasuredEvent | null): void {
    this.at = seq;
    this.lookedAt += 1;
    if (event === null) this.filtered += 1;
    else {
      this.events.push(event);
      this.bytes += event.bytes;
    }
  }
}
