import { Inject, Injectable } from '@nestjs/common';
import type { SequencedRecord } from '@sallyport/audit';
import type { OrganisationId } from '@sallyport/kernel';
import type { EntityManager } from 'typeorm';

import type { AuditHead } from '../store/audit-head.js';
import { AuditTrail, type SourcedFacts } from '../store/audit-trail.js';
import { HandOverValues } from './hand-over-values.js';

/** A stretch of a stream in the making: the transaction, where the stream stands, and the records whose values are their identities' own by now. */
export interface RecordsTaken {
  readonly head: AuditHead;
  readonly manager: EntityManager;
  readonly records: readonly SequencedRecord[];
}

/** Where workers' records come into a stream. Nothing of them is stored before the values that they keep are handed over. */
@Injectable()
export class RecordTrail {
  constructor(
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(HandOverValues) private readonly values: HandOverValues,
  ) {}

  /** As `AuditTrail.follow`, for records of one organisation; `null` for those of the deployment. */
  async follow(organisationId: OrganisationId | null, batch: readonly SequencedRecord[], find: (taken: RecordsTaken) => Promise<SourcedFacts>): Promise<void> {
    await this.trail.follow(organisationId, async (head, manager) => {
      const records = organisationId === null ? batch : await this.values.run(manager, organisationId, batch);
      return find({ head, manager, records });
    });
  }
}
