import { branded, type GrantId } from '@sallyport/kernel';

import type { Projector } from '../../../platform/persistence/projector.js';
import { evolveGrantRow } from './evolve-grant-row.js';
import { GrantRow } from './grant-row.entity.js';

/** Keeps `grants`. */
export const grantProjector: Projector = {
  tables: ['grants'],
  async apply(manager, event) {
    const { organisationId, object } = event;
    if (object.kind !== 'grant') return;
    const row = await manager.findOneBy(GrantRow, { organisationId, grantId: branded<GrantId>(object.id) });
    const next = evolveGrantRow(row ?? undefined, event);
    if (next !== undefined) await manager.upsert(GrantRow, next, ['organisationId', 'grantId']);
  },
};
