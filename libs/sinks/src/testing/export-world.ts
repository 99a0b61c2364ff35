import type { AuditFact } from '@sallyport/audit-event';
import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';

import { SinkAdministration } from '../administration.js';
import type { DeliveryStore } from '../delivery-store.js';
import type { EventSource } from '../event-source.js';
import { EXPORT_LIMITS, type ExportLimits, type ExportParts } from '../export-parts.js';
import { Room, type RoomBounds } from '../room.js';
import { SinkExporter } from '../sink-exporter.js';
import { EVERYTHING } from '../sink-filter.js';
import type { SinkPlan } from '../sink-plan.js';
import type { SinkProgress } from '../sink-progress.js';
import { IN_PROCESS_SETTINGS, inProcessSinkType, InProcessReceiver, type InProcessWish } from './in-process-sink-type.js';
import { MemoryDeliveryStore } from './memory-delivery-store.js';
import { MemoryEventSource } from './memory-event-source.js';
import { anOutgoingEvent, ORGANISATION, type EventWish } from './outgoing-events.js';
import { unreachableNetwork } from './unreachable-network.js';

/** How a world differs from the usual one. */
export interface WorldWish {
  readonly limits?: Partial<ExportLimits>;
  readonly room?: RoomBounds;
  readonly random?: () => number;
}

const PLENTY: RoomBounds = { totalBytes: 64_000_000, organisationBytes: 16_000_000 };

/** Streams, a store and exporters in one process, on time that passes only when a test says so. What a store is given to say goes into the stream. */
export class ExportWorld {
  readonly clock = new FakeClock();
  readonly scheduler = new ManualScheduler(this.clock);
  readonly source = new MemoryEventSource();
  readonly faults: unknown[] = [];
  readonly store = new MemoryDeliveryStore(this.clock, (stream, facts) => this.say(stream, facts));
  readonly room: Room;
  private ids = 0;
  private exporters = 0;

  constructor(private readonly wish: WorldWish = {}) {
    this.room = new Room(wish.room ?? PLENTY);
  }

  /** What exporters work with; a test may put its own store or source in between. */
  parts(between: { readonly store?: DeliveryStore; readonly source?: EventSource } = {}): ExportParts {
    return {
      source: between.source ?? this.source,
      store: between.store ?? this.store,
      network: unreachableNetwork,
      clock: this.clock,
      scheduler: this.scheduler,
      random: this.wish.random ?? (() => 0.5),
      newId: () => this.newId(),
      room: this.room,
      limits: { ...EXPORT_LIMITS, ...this.wish.limits },
      onFault: (_, fault) => this.faults.push(fault),
    };
  }

  /** A sink to a receiver of this process. */
  plan(receiver: InProcessReceiver, of: Partial<SinkPlan> & { readonly kind?: InProcessWish } = {}): SinkPlan {
    const { kind, ...over } = of;
    return {
      organisationId: ORGANISATION,
      sinkId: 'sink-1',
      stream: over.organisationId ?? ORGANISATION,
      name: 'siem',
      version: 1,
      enabled: true,
      startAfter: 0,
      type: inProcessSinkType(receiver, kind),
      configuration: { settings: IN_PROCESS_SETTINGS, credentials: { token: 'whsec_very_secret' }, format: 'native', formatVersion: null },
      filter: EVERYTHING,
      ...over,
    };
  }

  /** Starts an exporter of its own holder. */
  export(plan: SinkPlan, parts: ExportParts = this.parts()): SinkExporter {
    this.exporters += 1;
    const exporter = new SinkExporter(plan, parts, { holder: `test/${this.exporters}`, patienceMs: () => 0 });
    exporter.start();
    return exporter;
  }

  get administration(): SinkAdministration {
    return new SinkAdministration(this.store, () => ({ nowMs: this.clock.now(), newId: () => this.newId() }));
  }

  /** Adds events to the stream, and answers their ids. */
  add(count: number, wish: EventWish = {}): readonly string[] {
    const stream = wish.stream ?? ORGANISATION;
    const first = this.source.next(stream);
    const events = Array.from({ length: count }, (_, at) => anOutgoingEvent(first + at, { atMs: this.clock.now(), ...wish }).stored);
    this.source.add(stream, events);
    return events.map((event) => event.eventId);
  }

  async progress(plan: SinkPlan): Promise<SinkProgress> {
    const progress = await this.store.load(plan);
    if (progress === null) throw new Error('the sink has not begun');
    return progress;
  }

  /** The stream's events that are about exports, oldest first. */
  async said(stream = ORGANISATION): Promise<readonly (AuditFact & { readonly seq: number })[]> {
    const { events } = await this.source.read(stream, 0, { maxEvents: 1_000_000, maxBytes: Infinity });
    return events.filter(({ type }) => type.startsWith('export.')).map(({ line }) => JSON.parse(line) as AuditFact & { readonly seq: number });
  }

  /** Lets time pass, and everything that falls due or follows from it happen. */
  async pass(ms: number): Promise<void> {
    await this.calm();
    for (let leftMs = ms; ; ) {
      const next = this.scheduler.delaysMs[0];
      if (next === undefined || next > leftMs) return this.passRest(leftMs);
      this.scheduler.advance(next);
      leftMs -= next;
      await this.calm();
    }
  }

  /** Lets everything happen that does not wait for time. */
  async calm(): Promise<void> {
    for (let round = 0; round < 3; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  private async passRest(ms: number): Promise<void> {
    this.scheduler.advance(Math.max(ms, 0));
    await this.calm();
  }

  private newId(): string {
    this.ids += 1;
    return `0199c8b4-9999-7000-8000-${String(this.ids).padStart(12, '0')}`;
  }

  private say(organisationId: string, facts: readonly AuditFact[]): void {
    const first = this.source.next(organisationId);
    const events = facts.map((fact, at) => anOutgoingEvent(first + at, { stream: organisationId, type: fact.type, eventId: fact.event_id, fact }).stored);
    this.source.add(organisationId, events);
  }
}
