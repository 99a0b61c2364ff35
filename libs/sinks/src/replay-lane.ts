import { BatchFlight, type MeasuredEvent, type SettledFront } from './batch-flight.js';
import type { EventPage } from './event-source.js';
import { factTools } from './export-parts.js';
import { flyBatches } from './fly-batches.js';
import type { LaneParts, LaneTurn } from './main-lane.js';
import { parseStored } from './outgoing-event.js';
import { acknowledgeReplay } from './progress-steps.js';
import { isRefusedAsOne, lettersOf, sizesOf } from './settled-front.js';
import { letsThrough } from './sink-filter.js';
import { triesSingleEvents, type SinkReplay } from './sink-progress.js';

interface ReplayLoad {
  readonly replayId: string;
  readonly flight: BatchFlight;
  readonly to: number;
  readonly events: number;
  readonly checkpoint: string | null;
  readonly leave: () => void;
}

const NOTHING_SENT = { delivered: 0, bytes: 0, asOne: false, deadLetters: [], deliveredSeqs: [] };

/** Brings a sink once more what members asked for: one replay after the other, no faster than each may. */
export class ReplayLane {
  private readonly passes: ReturnType<typeof letsThrough>;
  private load: ReplayLoad | null = null;
  private notBeforeMs = -Infinity;

  constructor(private readonly lane: LaneParts) {
    this.passes = letsThrough(lane.plan.filter);
  }

  /** Sends the next batch of the oldest replay that runs, if its rate lets it. */
  async turn(): Promise<LaneTurn> {
    const replay = this.lane.ledger.now.replays.find((one) => one.state === 'running');
    if (replay === undefined) return this.idle(this.lane.parts.limits.lookMs);
    const waitMs = this.notBeforeMs - this.lane.parts.clock.monotonicMs();
    if (waitMs > 0) return { kind: 'idle', waitMs };
    if (this.load !== null && this.load.replayId !== replay.replayId) this.release();
    this.load ??= await this.fetch(replay);
    if (this.load === null) return { kind: 'moved' };
    return this.send(this.load, replay);
  }

  /** Whether events are held that may have been delivered in part. */
  get isUnderWay(): boolean {
    return this.load !== null;
  }

  release(): void {
    if (this.load !== null) this.drop(this.load);
  }

  private idle(waitMs: number): LaneTurn {
    this.release();
    return { kind: 'idle', waitMs };
  }

  private async send(load: ReplayLoad, replay: SinkReplay): Promise<LaneTurn> {
    const { plan, parts, handle, stop } = this.lane;
    this.notBeforeMs = parts.clock.monotonicMs() + (load.events / replay.eventsPerSecond) * 1_000;
    const trouble = await flyBatches(load.flight, {
      ...{ handle, stop, concurrency: 1 },
      batch: (group) => load.flight.batch(group, { replay: true, checkpoint: load.checkpoint }, `${plan.sinkId}.${replay.replayId}`),
      settle: (front) => this.settle(load, front),
    });
    if (trouble === null) await this.moveOn(load.replayId, load.to + 1);
    if (trouble === null || !load.flight.partlySettled) this.drop(load);
    return trouble === null ? { kind: 'moved' } : { kind: 'trouble', trouble, attemptTo: null };
  }

  private async settle(load: ReplayLoad, front: SettledFront): Promise<boolean> {
    const { plan, parts, ledger } = this.lane;
    const before = this.nextOf(load.replayId);
    if (before === undefined) return false;
    const sent = { ...sizesOf(front), asOne: isRefusedAsOne(front), deadLetters: lettersOf(front, parts.clock.now()), deliveredSeqs: front.delivered.map((event) => event.stored.seq) };
    await ledger.write(acknowledgeReplay(plan, { ...sent, replayId: load.replayId, before, next: front.last + 1 }, factTools(parts)));
    return ledger.now.state !== 'paused' && ledger.now.state !== 'disabled';
  }

  private async moveOn(replayId: string, next: number): Promise<void> {
    const before = this.nextOf(replayId);
    if (before === undefined || before >= next) return;
    await this.lane.ledger.write(acknowledgeReplay(this.lane.plan, { ...NOTHING_SENT, replayId, before, next }, factTools(this.lane.parts)));
  }

  private nextOf(replayId: string): number | undefined {
    return this.lane.ledger.now.replays.find((one) => one.replayId === replayId && one.state === 'running')?.next;
  }

  private async fetch(replay: SinkReplay): Promise<ReplayLoad | null> {
    const { plan, parts, bounds, stop } = this.lane;
    const roomBytes = Math.min(bounds.maxBytes, parts.limits.sinkBytes);
    const leave = await parts.room.enter(plan.organisationId, roomBytes, stop);
    if (leave === null) return null;
    try {
      const read = await this.read(replay, roomBytes);
      if (read.events.length > 0) {
        const checkpoint = await parts.source.checkpoint(plan.stream);
        return { replayId: replay.replayId, flight: new BatchFlight(read.events, bounds), to: read.to, events: read.events.length, checkpoint, leave };
      }
      await this.moveOn(replay.replayId, read.to + 1);
    } catch (fault) {
      leave();
      throw fault;
    }
    leave();
    return null;
  }

  /** What is next; `to` is how far that reaches. Past its retention, or above what there is, nothing can be sent again. */
  private async read(replay: SinkReplay, maxBytes: number): Promise<{ readonly events: readonly MeasuredEvent[]; readonly to: number }> {
    const { plan, parts, bounds } = this.lane;
    const from = replay.only === null ? replay.next : replay.only.find((seq) => seq >= replay.next);
    if (from === undefined || from > replay.to) return { events: [], to: replay.to };
    const maxEvents = replay.only === null && !triesSingleEvents(this.lane.ledger.now) ? Math.max(1, Math.min(bounds.maxEvents, Math.ceil(replay.eventsPerSecond))) : 1;
    const page = await parts.source.read(plan.stream, from - 1, { maxEvents, maxBytes });
    const stored = page.events.filter(({ seq }) => seq <= replay.to && seq >= from);
    return { events: stored.flatMap((event) => this.measured(event, replay) ?? []), to: stored.at(-1)?.seq ?? emptyTo(page, replay, from) };
  }

  private measured(stored: EventPage['events'][number], replay: SinkReplay): MeasuredEvent | null {
    if (replay.only === null ? !this.passes(stored) : !replay.only.includes(stored.seq)) return null;
    const event = parseStored(stored);
    return { ...event, bytes: this.lane.handle.size(event) };
  }

  private drop(load: ReplayLoad): void {
    this.load = null;
    load.leave();
  }
}

function emptyTo(page: EventPage, replay: SinkReplay, from: number): number {
  return page.events.length > 0 || page.newest < from ? replay.to : Math.max(from, Math.min(replay.to, page.oldest - 1));
}
