import { Inject, Injectable } from '@nestjs/common';
import type { OrganisationId } from '@sallyport/kernel';

import { EventHistory } from '../../platform/event-history.js';
import type { AsOf } from '../../platform/graphql/scalars.js';
import { PastState } from './past-state.js';

/** Folds an organisation's events up to a point in its history. */
@Injectable()
export class PastReader {
  constructor(@Inject(EventHistory) private readonly history: EventHistory) {}

  /** The state at a revision or a time. */
  async at(organisationId: OrganisationId, asOf: AsOf): Promise<PastState> {
    const revision = await this.history.revisionOf(organisationId, asOf);
    const state = new PastState(revision, 'at' in asOf ? asOf.at : undefined);
    for await (const event of this.history.until(organisationId, { revision })) state.apply(event);
    return state;
  }
}
