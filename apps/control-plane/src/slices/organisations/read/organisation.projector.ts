import type { DomainEvent, OrganisationSettings } from '@sallyport/domain-events';
import type { EntityManager } from 'typeorm';

import type { Projector } from '../../../platform/persistence/projector.js';
import { OrganisationRow } from './organisation-row.entity.js';

/** Keeps `organisations`. */
export const organisationProjector: Projector = {
  tables: ['organisations'],
  async apply(manager: EntityManager, event: DomainEvent): Promise<void> {
    const { organisationId, revision, fact } = event;
    if (fact.type === 'organisation.created') {
      const { slug, settings, wrappedKey } = fact.data;
      await manager.insert(OrganisationRow, { organisationId, slug, ...columnsOf(settings), wrappedKey, createdAt: new Date(event.occurredAt), revision });
    }
    if (fact.type === 'organisation.settings_changed') {
      await manager.update(OrganisationRow, { organisationId }, { ...columnsOf(fact.data.settings), revision });
    }
  },
};

function columnsOf(settings: OrganisationSettings) {
  const { name, auditDurability, freshnessMode, failStaticMaxAgeSeconds } = settings;
  return { name, auditDurability, freshnessMode, failStaticMaxAgeSeconds };
}
