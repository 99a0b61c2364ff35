import type { DomainEvent } from '@sallyport/domain-events';
import type { EntityManager } from 'typeorm';

import type { Projector } from '../../../platform/persistence/projector.js';
import { MemberRow } from './member-row.entity.js';

/** Keeps `members`. */
export const memberProjector: Projector = {
  tables: ['members'],
  async apply(manager: EntityManager, event: DomainEvent): Promise<void> {
    const { organisationId, revision, fact } = event;
    const at = new Date(event.occurredAt);
    if (fact.type === 'member.added') {
      await manager.insert(MemberRow, { organisationId, ...fact.data, addedAt: at, removedAt: null, addedRevision: revision, revision });
    }
    if (fact.type === 'member.role_changed') {
      await manager.update(MemberRow, { organisationId, memberId: fact.data.memberId }, { role: fact.data.role, revision });
    }
    if (fact.type === 'member.removed') {
      await manager.update(MemberRow, { organisationId, memberId: fact.data.memberId }, { removedAt: at, revision });
    }
  },
};
