import { Inject, Injectable } from '@nestjs/common';
import type { DomainEvent, ObjectRef } from '@sallyport/domain-events';
import type { EventLog } from '@sallyport/event-log';
import { branded, type OrganisationId, type Revision } from '@sallyport/kernel';

import { EventHistory } from '../../../platform/event-history.js';
import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import type { AsOf } from '../../../platform/graphql/scalars.js';
import { PART } from '../../../platform/parts.js';
import { eventToGraphql } from '../event-to-graphql.js';

/** GraphQL's `Event`. */
export type EventNode = ReturnType<typeof eventToGraphql>;

/** What to list. */
export interface EventPage {
  readonly asOf?: AsOf | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** Reads what happened. */
@Injectable()
export class EventQueries {
  constructor(
    @Inject(PART.eventLog) private readonly log: EventLog,
    @Inject(EventHistory) private readonly history: EventHistory,
  ) {}

  /** The organisation's events, oldest first. */
  async list(organisationId: OrganisationId, page: EventPage): Promise<Connection<EventNode>> {
    const first = pageSize(page.first);
    const after = placeOf(page);
    const last = await this.last(organisationId, page);
    const events = after >= last ? [] : await this.log.read(organisationId, after, Math.min(first + 1, last - after));
    return pageOf(events, first);
  }

  /** One object's events, oldest first; none for an object nobody heard of. */
  async ofObject(organisationId: OrganisationId, object: ObjectRef | undefined, page: EventPage): Promise<Connection<EventNode>> {
    const first = pageSize(page.first);
    const after = placeOf(page);
    const last = await this.last(organisationId, page);
    const events = object === undefined ? [] : await this.log.readObject(organisationId, object);
    return pageOf(events.filter((event) => event.revision > after && event.revision <= last).slice(0, first + 1), first);
  }

  /** The organisation's newest revision. */
  head(organisationId: OrganisationId): Promise<Revision> {
    return this.log.head(organisationId);
  }

  private async last(organisationId: OrganisationId, page: EventPage): Promise<Revision> {
    return page.asOf === null || page.asOf === undefined ? this.log.head(organisationId) : this.history.revisionOf(organisationId, page.asOf);
  }
}

function placeOf(page: EventPage): Revision {
  const [after] = readCursor(page.after, 1) ?? [];
  return branded<Revision>(after === undefined ? 0 : Math.max(0, Math.trunc(Number(after)) || 0));
}

function pageOf(events: readonly DomainEvent[], first: number): Connection<EventNode> {
  return connectionOf(events, first, { place: (event) => [event.revision], node: eventToGraphql });
}
