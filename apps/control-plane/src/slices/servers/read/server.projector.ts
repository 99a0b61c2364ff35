import type { DomainEvent } from '@sallyport/domain-events';
import { branded, type ServerId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import type { Projector } from '../../../platform/persistence/projector.js';
import { evolveListingRow, evolveServerRow } from './evolve-server-row.js';
import { ServerListingRow } from './server-listing-row.entity.js';
import { ServerRow } from './server-row.entity.js';

const KEY = ['organisationId', 'serverId'];

/** Keeps `servers` and `server_listings`. */
export const serverProjector: Projector = {
  tables: ['servers', 'server_listings'],
  async apply(manager, event) {
    if (event.object.kind !== 'server') return;
    const key = { organisationId: event.organisationId, serverId: branded<ServerId>(event.object.id) };
    const row = await manager.findOneBy(ServerRow, key);
    const next = evolveServerRow(row ?? undefined, event);
    if (next !== undefined) await manager.upsert(ServerRow, next, KEY);
    if (isAboutTools(event)) await applyListing(manager, event, key);
  },
};

function isAboutTools({ fact }: DomainEvent): boolean {
  return fact.type === 'server.tools_approved' || fact.type === 'server.tools_changed';
}

async function applyListing(manager: EntityManager, event: DomainEvent, key: Pick<ServerListingRow, 'organisationId' | 'serverId'>): Promise<void> {
  const row = await manager.findOneBy(ServerListingRow, key);
  const next = evolveListingRow(row ?? undefined, event);
  if (next !== undefined) await manager.upsert(ServerListingRow, next, KEY);
}
