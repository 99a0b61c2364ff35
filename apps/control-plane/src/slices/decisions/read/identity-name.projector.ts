import type { DomainEvent } from '@sallyport/domain-events';
import type { EntityManager } from 'typeorm';

import type { Projector } from '../../../platform/persistence/projector.js';

/** Keeps `identity_names`: what decisions call their identities by. */
export const identityNameProjector: Projector = {
  tables: ['identity_names'],
  async apply(manager: EntityManager, event: DomainEvent): Promise<void> {
    if (event.fact.type !== 'identity.created') return;
    const { identityId, name } = event.fact.data;
    await manager.query('INSERT INTO identity_names (organisation_id, identity_id, name) VALUES ($1, $2, $3)', [event.organisationId, identityId, name]);
  },
};
