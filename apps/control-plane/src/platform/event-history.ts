import { Inject, Injectable } from '@nestjs/common';
import type { DomainEvent } from '@sallyport/domain-events';
import type { EventLog } from '@sallyport/event-log';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';

import type { AsOf } from './graphql/scalars.js';
import { PART } from './parts.js';

const PAGE_EVENTS = 1_000;

/** Reads what had happened by some point in an organisation's history. */
@Injectable()
export class EventHistory {
  constructor(@Inject(PART.eventLog) private readonly log: EventLog) {}

  /**
   * The newest revision at that point.
   *
   * @throws {GraphQLError} `bad_input` for a revision that has not happened yet: the present is not what it will be.
   */
  async revisionOf(organisationId: OrganisationId, asOf: AsOf): Promise<Revision> {
    if ('at' in asOf) return this.log.revisionAt(organisationId, asOf.at);
    const head = await this.log.head(organisationId);
    if (asOf.revision <= head) return branded<Revision>(asOf.revision);
    throw new GraphQLError(`Revision ${asOf.revision} has not happened yet: the newest is ${head}.`, { extensions: { code: 'bad_input' } });
  }

  /** Every event up to that point, oldest first, page by page: fold them as they come. */
  async *until(organisationId: OrganisationId, asOf: AsOf): AsyncGenerator<DomainEvent> {
    const last = await this.revisionOf(organisationId, asOf);
    let after = branded<Revision>(0);
    while (after < last) {
      const page = await this.log.read(organisationId, after, Math.min(PAGE_EVENTS, last - after));
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)?.revision ?? last;
    }
  }
}
