import { isSinkName } from '@sallyport/control-domain';
import type { OrganisationId, SinkId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import { parseId } from '../../../platform/parse-id.js';
import { SinkRow } from './sink-row.entity.js';

/** A sink by id or name, inside the caller's transaction. */
export async function findSink(manager: EntityManager, organisationId: OrganisationId, named: string): Promise<SinkRow | null> {
  const sinkId = parseId<SinkId>(named);
  if (sinkId !== undefined) return manager.findOneBy(SinkRow, { organisationId, sinkId });
  return isSinkName(named) ? manager.findOneBy(SinkRow, { organisationId, name: named }) : null;
}
