import { Inject, Injectable } from '@nestjs/common';
import { inOrganisation } from '@sallyport/event-log-postgres';
import type { OrganisationId } from '@sallyport/kernel';
import type { DataSource, EntityManager } from 'typeorm';

import { PART } from '../parts.js';

/** Runs look-ups in a transaction that sees one organisation's rows and no other's. */
@Injectable()
export class OrganisationReader {
  constructor(@Inject(PART.dataSource) private readonly dataSource: DataSource) {}

  /** One transaction of the serving role, entered for the organisation. */
  read<Value>(organisationId: OrganisationId, work: (manager: EntityManager) => Promise<Value>): Promise<Value> {
    return inOrganisation(this.dataSource, organisationId, work);
  }
}
