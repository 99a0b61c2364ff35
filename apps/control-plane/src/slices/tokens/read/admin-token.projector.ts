import type { DomainEvent } from '@sallyport/domain-events';
import type { EntityManager } from 'typeorm';

import type { Projector } from '../../../platform/persistence/projector.js';
import { AdminTokenRow } from './admin-token-row.entity.js';

/** Keeps `admin_tokens`. */
export const adminTokenProjector: Projector = {
  tables: ['admin_tokens'],
  async apply(manager: EntityManager, event: DomainEvent): Promise<void> {
    const { organisationId, revision, fact } = event;
    const at = new Date(event.occurredAt);
    if (fact.type === 'token.issued') {
      const expiresAt = new Date(fact.data.expiresAt);
      await manager.insert(AdminTokenRow, { ...fact.data, organisationId, createdAt: at, expiresAt, revokedAt: null, revision });
    }
    if (fact.type === 'token.revoked') {
      await manager.update(AdminTokenRow, { organisationId, tokenId: fact.data.tokenId }, { revokedAt: at });
    }
  },
};
