import { branded, type RevealId } from '@sallyport/kernel';

import type { Projector } from '../../../platform/persistence/projector.js';
import { evolveRevealRow } from './evolve-reveal-row.js';
import { RevealRow } from './reveal-row.entity.js';

/** Keeps `reveals`. */
export const revealProjector: Projector = {
  tables: ['reveals'],
  async apply(manager, event) {
    if (event.object.kind !== 'reveal') return;
    const key = { organisationId: event.organisationId, revealId: branded<RevealId>(event.object.id) };
    const row = await manager.findOneBy(RevealRow, key);
    const next = evolveRevealRow(row ?? undefined, event);
    if (next !== undefined) await manager.upsert(RevealRow, next, ['organisationId', 'revealId']);
  },
};
