import type { Clock, Scheduler } from '@sallyport/kernel';

import type { DeliveryStore } from './delivery-store.js';
import type { EventSource } from './event-source.js';
import type { FactTools } from './export-fact.js';
import type { GuardedNetwork } from './guarded-network.js';
import type { Room } from './room.js';
import type { SinkPlan } from './sink-plan.js';

/** Times and sizes of exporting. */
export interface ExportLimits {
  /** After this a delivery is told to stop, milliseconds. */
  readonly deadlineMs: number;
  /** After this much more a delivery is left to itself. */
  readonly graceMs: number;
  /** How long a batch that is not full waits for more events. */
  readonly lingerMs: number;
  /** How long an exporter has its sink for without saying so again. */
  readonly leaseMs: number;
  /** How often it looks whether a person or another process wrote something, and whether the stream went on unheard. */
  readonly lookMs: number;
  /** Bytes of lines that one sink has under way at most; the least is what one batch takes. */
  readonly sinkBytes: number;
  /** Batches beside each other, for receivers that know an event that they have. */
  readonly concurrency: number;
  /** Deliveries of one sink that hang although they were stopped; with so many nothing more is tried. They hold a batch each, beside the room, so that no other sink waits for them. */
  readonly mostHung: number;
}

/** What holds unless somebody says otherwise. */
export const EXPORT_LIMITS: ExportLimits = {
  deadlineMs: 30_000,
  graceMs: 2_000,
  lingerMs: 250,
  leaseMs: 30_000,
  lookMs: 5_000,
  sinkBytes: 4_000_000,
  concurrency: 4,
  mostHung: 2,
};

/** What exporters of a process work with. */
export interface ExportParts {
  readonly source: EventSource;
  readonly store: DeliveryStore;
  readonly network: GuardedNetwork;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A new UUIDv7. */
  readonly newId: () => string;
  readonly room: Room;
  readonly limits: ExportLimits;
  /** Is told when the store or the source did not answer, for the log; the exporter tries again by itself. */
  readonly onFault: (plan: SinkPlan, fault: unknown) => void;
}

/** What facts are made with now. */
export function factTools(parts: Pick<ExportParts, 'clock' | 'newId'>): FactTools {
  return { nowMs: parts.clock.now(), newId: parts.newId };
}
