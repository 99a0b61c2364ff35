import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { DeliveryStore } from './delivery-store.js';
import type { EventSource } from './event-source.js';
import { Room } from './room.js';
import type { Delivery, OutgoingBatch } from './sink.js';
import type { SinkPlan } from './sink-plan.js';
import { ExportWorld } from './testing/export-world.js';
import { InProcessReceiver } from './testing/in-process-sink-type.js';

/** What a receiver does with its next batch. Numbers choose events of it. */
type Deed =
  | { readonly kind: 'deliver' | 'away' | 'hang' | 'hang_for_ever' | 'pause' | 'throw' | 'take_and_be_gone' }
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  | { readonly kind: 'partly'; readonly again: readonly number[] };

interface Schedule {
  readonly deeds: readonly Deed[];
  /** Events that come, and milliseconds that then pass. */
  readonly arrivals: readonly { readonly count: number; readonly passMs: number }[];
  /** Every so many steps of an exporter it dies, before or after what it asked for was done. */
  readonly crashes: readonly { readonly atStep: number; readonly done: boolean }[];
  /** Every so manieth event is refused for good; 0: none. */
  readonly poisonEvery: number;
  readonly dedupes: boolean;
  readonly resendMs: number;
  readonly maxEvents: number;
  readonly filtered: boolean;
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Deed>({ kind: 'deliver' }) },
  { weight: 4, arbitrary: fc.constantFrom<Deed>({ kind: 'away' }, { kind: 'take_and_be_gone' }, { kind: 'throw' }) },
  { weight: 1, arbitrary: fc.constantFrom<Deed>({ kind: 'hang' }, { kind: 'hang_for_ever' }, { kind: 'pause' }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 700, 90_000, Number.NaN, -1, Infinity).map((retryAfterMs): Deed => ({ kind: 'busy', retryAfterMs })) },
  { weight: 3, arbitrary: fc.array(fc.nat(12), { maxLength: 4 }).map((again): Deed => ({ kind: 'partly', again })) },
);

const schedule: fc.Arbitrary<Schedule> = fc.record({
  deeds: fc.array(deed, { maxLength: 14 }),
  arrivals: fc.array(fc.record({ count: fc.integer({ min: 1, max: 30 }), passMs: fc.constantFrom(0, 100, 1_000, 20_000, 400_000) }), { minLength: 1, maxLength: 5 }),
  crashes: fc.array(fc.record({ atStep: fc.integer({ min: 1, max: 40 }), done: fc.boolean() }), { maxLength: 3 }),
  poisonEvery: fc.constantFrom(0, 0, 3, 7, 11),
  dedupes: fc.boolean(),
  resendMs: fc.constantFrom(0, 0, 10_000),
  maxEvents: fc.constantFrom(1, 5, 12),
  filtered: fc.boolean(),
});

describe('exporting under any schedule of faults', () => {
  it('leaves out no event without a dead letter and a gap, keeps the order, and never has the cursor before an answer [sinks/no-silent-loss]', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (of) => new Trial(of).run()),
      { numRuns: 200, endOnFailure: false },
    );
  }, 120_000);
});

/** One schedule, played out. */
class Trial {
  private readonly world = new ExportWorld({ limits: { lingerMs: 50 } });
  private readonly receiver = new InProcessReceiver();
  private readonly acknowledged = new Set<string>();
  private readonly refusable = new Set<string>();
  private readonly plan: SinkPlan;
  private deeds: readonly Deed[];
  private crashes: Schedule['crashes'];
  private room = new Room({ totalBytes: 0, organisationBytes: 0 });
  private life = { dead: false, steps: 0 };

  constructor(private readonly of: Schedule) {
    this.deeds = of.deeds;
    this.crashes = of.crashes;
    const kind = { maxEvents: of.maxEvents, dedupes: of.dedupes, resendMs: of.resendMs };
    this.plan = this.world.plan(this.receiver, { kind, filter: of.filtered ? { types: ['call.decided'], outcomes: [] } : { types: [], outcomes: [] } });
    this.receiver.behave((batch, signal) => this.act(batch, signal));
  }

  async run(): Promise<void> {
    this.live();
    for (const { count, passMs } of this.of.arrivals) {
      this.addEvents(count);
      await this.pass(passMs);
    }
    this.deeds = [];
    this.crashes = [];
    await this.untilBroughtUp();
    await this.examine();
  }

  private addEvents(count: number): void {
    for (let n = 0; n < count; n += 1) {
      const seq = this.world.source.next(this.plan.stream);
      const [id] = this.world.add(1, { type: seq % 4 === 0 ? 'list.served' : 'call.decided' });
      if (id !== undefined && this.of.poisonEvery > 0 && seq % this.of.poisonEvery === 0) this.refusable.add(id);
    }
  }

  private async pass(ms: number): Promise<void> {
    await this.world.pass(ms);
    if (!this.life.dead) return;
    this.live();
    await this.world.pass(31_000);
  }

  private async untilBroughtUp(): Promise<void> {
    for (let round = 0; round < 40; round += 1) {
      await this.pass(400_000);
      const progress = await this.world.store.load(this.plan);
      // As many deliveries as may hang do: only a new process gets further.
      if (progress?.stateReason?.includes('hang although') === true) this.life.dead = true;
      if (progress?.state === 'paused') await this.world.administration.resume(this.plan, 'member');
      if (progress?.cursor === this.world.source.next(this.plan.stream) - 1 && progress.pending.length === 0) return;
    }
    expect.fail(`never brought up: ${JSON.stringify(await this.world.store.load(this.plan))}`);
  }

  private async examine(): Promise<void> {
    const { events } = await this.world.source.read(this.plan.stream, 0, { maxEvents: 100_000, maxBytes: Infinity });
    const letters = new Set((await this.world.store.deadLetters(this.plan, { state: null, afterSeq: 0, limit: 100_000 })).map((letter) => letter.seq));
    const gaps = (await this.world.said()).filter((fact) => fact.type === 'export.gap');
    for (const { seq, eventId, type } of events) {
      if (this.of.filtered && type === 'list.served') continue;
      if (!letters.has(seq)) expect(this.receiver.arrivals, `event ${seq} arrived`).toContain(eventId);
      else {
        expect(this.refusable.has(eventId), `event ${seq} was really refused`).toBe(true);
        expect(gaps.some(({ export: gap }) => (gap?.from_seq ?? 0) <= seq && seq <= (gap?.to_seq ?? 0)), `event ${seq} is within a gap`).toBe(true);
      }
    }
    const someAgain = this.of.deeds.some((one) => one.kind === 'partly');
    if (!someAgain && !this.of.dedupes) this.examineOrder(new Map(events.map(({ eventId, seq }) => [eventId, seq])));
    expect(this.world.faults).toEqual([]);
    expect(this.room.bytes).toBe(0);
  }

  /** Each event comes for the first time after all before it did. */
  private examineOrder(seqOf: ReadonlyMap<string, number>): void {
    const first = [...new Set(this.receiver.arrivals)].map((id) => seqOf.get(id) ?? 0);
    expect(first).toEqual([...first].sort((one, other) => one - other));
  }

  /** A new process: a holder of its own, whose every step may be its last. */
  private live(): void {
    this.life = { dead: false, steps: 0 };
    this.room = new Room({ totalBytes: 8_000_000, organisationBytes: 8_000_000 });
    const parts = this.world.parts({ store: this.mortalStore(), source: this.mortalSource() });
    this.world.export(this.plan, { ...parts, room: this.room });
  }

  private act(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> | Delivery {
    const [next = { kind: 'deliver' } as const, ...rest] = this.deeds;
    this.deeds = rest;
    switch (next.kind) {
      case 'deliver':
        return this.take(batch, []);
      case 'partly':
        return this.take(batch, next.again);
      case 'take_and_be_gone':
        this.take(batch, []);
        return { kind: 'unavailable', reason: 'the answer was lost' };
      case 'busy':
        return { kind: 'unavailable', reason: 'busy', retryAfterMs: next.retryAfterMs };
      case 'pause':
        return { kind: 'paused', cause: 'auth', reason: '401', advice: 'Give another token.' };
      case 'hang':
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'unavailable', reason: 'stopped' })));
      case 'hang_for_ever':
        return new Promise(() => undefined);
      case 'throw':
        throw new Error('a sink that breaks its promise');
      case 'away':
        return { kind: 'unavailable', reason: 'away' };
    }
  }

  /** A receiver that refuses poison: by itself where it names single events, otherwise with the whole batch. */
  private take(batch: OutgoingBatch, wantedAgain: readonly number[]): Delivery {
    const bad = batch.events.flatMap((event, index) => (this.refusable.has(event.stored.eventId) ? [index] : []));
    const names = this.of.deeds.some((one) => one.kind === 'partly');
    if (bad.length > 0 && !names) return { kind: 'unfit', reason: '400' };
    const again = wantedAgain.filter((index) => index < batch.events.length && !bad.includes(index));
    const isThere = (index: number): boolean => !bad.includes(index) && !again.includes(index);
    this.receiver.keep(batch, isThere);
    batch.events.forEach((event, index) => (isThere(index) ? this.acknowledged.add(event.stored.eventId) : undefined));
    if (bad.length + again.length === 0) return { kind: 'delivered' };
    return { kind: 'partly', rejected: bad.map((index) => ({ index, reason: 'mapping' })), again };
  }

  private mortalStore(): DeliveryStore {
    const { store } = this.world;
    const life = this.life;
    return {
      open: (...asked) => this.step(life, () => store.open(...asked)),
      load: (...asked) => this.step(life, () => store.load(...asked)),
      lease: (...asked) => this.step(life, () => store.lease(...asked)),
      release: (...asked) => this.step(life, () => store.release(...asked)),
      commit: (sink, fence, change) =>
        this.step(life, async () => {
          const done = await store.commit(sink, fence, change);
          if (done.ok) await this.examineCursor(change.progress.cursor);
          return done;
        }),
      deadLetters: (...asked) => this.step(life, () => store.deadLetters(...asked)),
      deadLetter: (...asked) => this.step(life, () => store.deadLetter(...asked)),
      waitingDeadLetters: (...asked) => this.step(life, () => store.waitingDeadLetters(...asked)),
      attend: (...asked) => this.step(life, () => store.attend(...asked)),
      leave: (...asked) => this.step(life, () => store.leave(...asked)),
      remove: (...asked) => this.step(life, () => store.remove(...asked)),
    };
  }

  private mortalSource(): EventSource {
    const { source } = this.world;
    const life = this.life;
    return {
      read: (...asked) => this.step(life, () => source.read(...asked)),
      checkpoint: (stream) => this.step(life, () => source.checkpoint(stream)),
      watch: (stream, onMore) => source.watch(stream, () => (life.dead ? undefined : onMore())),
    };
  }

  /** One step of a process; one that died gets no answer any more. */
  private async step<Value>(life: Trial['life'], work: () => Promise<Value>): Promise<Value> {
    if (life.dead) return new Promise(() => undefined);
    life.steps += 1;
    const crash = this.crashes[0];
    if (crash === undefined || life.steps < crash.atStep) return work();
    this.crashes = this.crashes.slice(1);
    life.dead = true;
    if (crash.done) await work();
    return new Promise(() => undefined);
  }

  /** At every write: what the cursor passed was acknowledged, kept back, or is a dead letter by now. */
  private async examineCursor(cursor: number): Promise<void> {
    const { events } = await this.world.source.read(this.plan.stream, 0, { maxEvents: cursor, maxBytes: Infinity });
    for (const { seq, eventId, type } of events) {
      if (seq > cursor || this.acknowledged.has(eventId) || (this.of.filtered && type === 'list.served')) continue;
      expect(await this.world.store.deadLetter(this.plan, seq), `event ${seq} behind the cursor ${cursor}`).not.toBeNull();
    }
  }
}
