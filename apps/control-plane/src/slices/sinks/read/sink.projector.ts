import { branded, type SinkId } from '@sallyport/kernel';

import type { Projector } from '../../../platform/persistence/projector.js';
import { evolveSinkRow } from './evolve-sink-row.js';
import { SinkRow } from './sink-row.entity.js';

/** Keeps `sinks`. */
export const sinkProjector: Projector = {
  tables: ['sinks'],
  async apply(manager, event) {
    if (event.object.kind !== 'sink') return;
    const key = { organisationId: event.organisationId, sinkId: branded<SinkId>(event.object.id) };
    const row = await manager.findOneBy(SinkRow, key);
    const next = evolveSinkRow(row ?? undefined, event);
    if (next === null) await manager.delete(SinkRow, key);
    else if (next !== undefined) await manager.upsert(SinkRow, next, ['organisationId', 'sinkId']);
  },
};
