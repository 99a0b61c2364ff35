import { branded, type IdentityId } from '@sallyport/kernel';

import type { Projector } from '../../../platform/persistence/projector.js';
import { evolveIdentityRow } from './evolve-identity-row.js';
import { IdentityRow } from './identity-row.entity.js';

/** Keeps `identities`. */
export const identityProjector: Projector = {
  tables: ['identities'],
  async apply(manager, event) {
    const { organisationId, object } = event;
    if (object.kind !== 'identity') return;
    const row = await manager.findOneBy(IdentityRow, { organisationId, identityId: branded<IdentityId>(object.id) });
    const next = evolveIdentityRow(row ?? undefined, event);
    if (next !== undefined) await manager.upsert(IdentityRow, next, ['organisationId', 'identityId']);
  },
};
