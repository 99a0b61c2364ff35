import { randomUUID } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { refuse, type Brand, type Clock, type Scheduler } from '@sallyport/kernel';
import { EXPORT_LIMITS, Room, SinkFleet, type ExportParts, type GuardedNetwork } from '@sallyport/sinks';

import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { RepeatedTask } from '../../../platform/repeated-task.js';
import { PostgresDeliveryStore } from './postgres-delivery-store.js';
import { PostgresEventSource } from './postgres-event-source.js';

/** After this a control plane that died has its sinks taken over, milliseconds. */
const LEASE_MS = 6_000;
const ROOM = { totalBytes: 128 * 1024 * 1024, organisationBytes: 32 * 1024 * 1024 };

/** Makes fleets that export what PostgreSQL holds, and have their progress there. */
@Injectable()
export class SinkFleets {
  constructor(
    @Inject(PostgresDeliveryStore) private readonly store: PostgresDeliveryStore,
    @Inject(PostgresEventSource) private readonly source: PostgresEventSource,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.scheduler) private readonly scheduler: Scheduler,
  ) {}

  /** A fleet under a name that no other process has. */
  make(onFault: ExportParts['onFault']): SinkFleet {
    const { store, source, clock, scheduler } = this;
    const limits = { ...EXPORT_LIMITS, leaseMs: LEASE_MS };
    const ids = (): Brand<string, 'Id'> => newId<Brand<string, 'Id'>>(clock.now());
    return new SinkFleet({ store, source, clock, scheduler, limits, onFault, network: NO_NETWORK, random: Math.random, newId: ids, room: new Room(ROOM) }, randomUUID());
  }

  /** Work that a fleet needs done again and again. */
  repeatedly(everyMs: number, work: () => Promise<void>): RepeatedTask {
    return new RepeatedTask(this.scheduler, everyMs, work);
  }
}

/** What a sink would have that was opened without its organisation's way out. */
const NO_NETWORK: GuardedNetwork = { connect: () => Promise.resolve(refuse({ kind: 'refused', message: 'This sink has no way out.' })) };
