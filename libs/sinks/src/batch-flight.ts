import type { Delivery, OutgoingBatch, OutgoingEvent } from './sink.js';
import type { BatchBounds } from './sink-type.js';

/** An event on its way, and how many bytes of the batch's bound it takes. */
export interface MeasuredEvent extends OutgoingEvent {
  readonly bytes: number;
}

/** An event that was refused for good, alone or with its whole request. */
export interface RefusedEvent {
  readonly event: MeasuredEvent;
  readonly reason: string;
  readonly asOne: boolean;
}

/** What has been settled at the front of a flight: everything up to and including `last`. */
export interface SettledFront {
  readonly last: number;
  readonly delivered: readonly MeasuredEvent[];
  readonly refused: readonly RefusedEvent[];
}

type Fate = { readonly kind: 'open' } | { readonly kind: 'there' } | { readonly kind: 'refused'; readonly reason: string; readonly asOne: boolean };

const OPEN: Fate = { kind: 'open' };
const THERE: Fate = { kind: 'there' };

/**
 * Some events between the stream and the receiver: cut into groups that go out as batches, halved where a receiver does not say which
 * event it refuses. Settled from the front: an event counts only when all before it do.
 */
export class BatchFlight {
  private groups: readonly (readonly number[])[];
  private readonly fates: Fate[];
  private settled = 0;

  constructor(
    private readonly events: readonly MeasuredEvent[],
    bounds: BatchBounds,
  ) {
    this.fates = events.map((event) => fateBySize(event, bounds));
    this.groups = cut(events, bounds, (at) => this.fates[at]?.kind === 'open');
  }

  get over(): boolean {
    return this.groups.length === 0 && this.settled === this.events.length;
  }

  /** Whether something behind the front is settled, which would be sent again if the flight were given up. */
  get partlySettled(): boolean {
    return this.fates.some((fate, at) => at >= this.settled && fate.kind !== 'open');
  }

  get firstSeq(): number {
    return this.events[0]?.stored.seq ?? 0;
  }

  /** The groups that go out next, beside each other. */
  front(concurrency: number): readonly (readonly number[])[] {
    return this.groups.slice(0, concurrency);
  }

  /** A group as it goes out; of the same events always with the same id. */
  batch(group: readonly number[], of: Omit<OutgoingBatch, 'batchId' | 'events'>, idBase: string): OutgoingBatch {
    const events = group.flatMap((at) => this.events[at] ?? []);
    return { ...of, batchId: `${idBase}.${seqsOf(events)}`, events };
  }

  /** Takes in what became of a group. */
  answered(group: readonly number[], delivery: Delivery): void {
    if (delivery.kind === 'delivered') this.settle(group, THERE);
    else if (delivery.kind === 'partly') this.settlePartly(group, delivery);
    else if (delivery.kind === 'unfit') this.halve(group, delivery.reason);
  }

  /** What was settled at the front since the last time; null when nothing was. */
  takeFront(): SettledFront | null {
    const delivered: MeasuredEvent[] = [];
    const refused: RefusedEvent[] = [];
    const before = this.settled;
    for (; this.settled < this.events.length; this.settled += 1) {
      const [event, fate] = [this.events[this.settled], this.fates[this.settled]];
      if (event === undefined || fate === undefined || fate.kind === 'open') break;
      if (fate.kind === 'there') delivered.push(event);
      else refused.push({ event, reason: fate.reason, asOne: fate.asOne });
    }
    if (this.settled === before) return null;
    return { last: this.events[this.settled - 1]?.stored.seq ?? 0, delivered, refused };
  }

  private settle(group: readonly number[], fate: Fate): void {
    for (const at of group) this.fates[at] = fate;
    this.replace(group, []);
  }

  private settlePartly(group: readonly number[], { again, rejected, asOne = false }: Extract<Delivery, { kind: 'partly' }>): void {
    const later = new Set(again);
    const reasons = new Map(rejected.map(({ index, reason }) => [index, reason]));
    group.forEach((at, index) => {
      const reason = reasons.get(index);
      if (!later.has(index)) this.fates[at] = reason === undefined ? THERE : { kind: 'refused', reason, asOne };
    });
    const open = group.filter((_, index) => later.has(index));
    this.replace(group, open.length === 0 ? [] : [open]);
  }

  private halve(group: readonly number[], reason: string): void {
    if (group.length <= 1) return this.settle(group, { kind: 'refused', reason, asOne: false });
    const middle = group.length >> 1;
    this.replace(group, [group.slice(0, middle), group.slice(middle)]);
  }

  private replace(group: readonly number[], by: readonly (readonly number[])[]): void {
    this.groups = this.groups.flatMap((other) => (other === group ? by : [other]));
  }
}

function fateBySize({ bytes }: MeasuredEvent, bounds: BatchBounds): Fate {
  const most = bounds.maxEventBytes ?? bounds.maxBytes;
  return bytes > most ? { kind: 'refused', reason: `The event has ${bytes} bytes; the receiver takes ${most} at most.`, asOne: false } : OPEN;
}

function cut(events: readonly MeasuredEvent[], bounds: BatchBounds, isOpen: (at: number) => boolean): readonly (readonly number[])[] {
  const groups: number[][] = [];
  let bytes = Infinity;
  events.forEach((event, at) => {
    if (!isOpen(at)) return;
    const group = groups.at(-1);
    bytes += event.bytes;
    if (group !== undefined && group.length < bounds.maxEvents && bytes <= bounds.maxBytes) group.push(at);
    else {
      groups.push([at]);
      bytes = event.bytes;
    }
  });
  return groups;
}

/** `first-last.count.digest`: the digest tells batches apart that differ only in the middle. */
function seqsOf(events: readonly OutgoingEvent[]): string {
  let digest = 0x811c9dc5;
  for (const { stored } of events) digest = Math.imul(digest ^ stored.seq, 0x01000193) >>> 0;
  return `${events[0]?.stored.seq ?? 0}-${events.at(-1)?.stored.seq ?? 0}.${events.length}.${digest.toString(16).padStart(8, '0')}`;
}
