import { Inject, Injectable } from '@nestjs/common';
import type { ObjectRef } from '@sallyport/domain-events';
import type { Clock, EpochMs, OrganisationId } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';
import type { EntityManager } from 'typeorm';

import { readCursor, type Connection } from '../../platform/graphql/page.js';
import type { AsOf } from '../../platform/graphql/scalars.js';
import { PART } from '../../platform/parts.js';
import { OrganisationReader } from '../../platform/persistence/organisation-reader.js';
import { EventQueries, type EventNode } from '../events/read/event-queries.js';
import { PastReader } from './past-reader.js';
import type { PastState } from './past-state.js';

/** A page as GraphQL asks for it. */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** Where an operation reads: the tables as they are now, or the state at a point in the organisation's past. */
export interface ReadPoint {
  readonly organisationId: OrganisationId;
  /** `null` for the present. */
  readonly past: PastState | null;
  /** Decides which grants have expired. */
  readonly atMs: EpochMs;
  /** `<gatewayUrl>/mcp/<slug>` is a server's address. */
  readonly gatewayUrl: string;
  /** Reads the tables, which are always those of now. */
  read<Value>(work: (manager: EntityManager) => Promise<Value>): Promise<Value>;
  /** An object's events up to the point. */
  history(object: ObjectRef, page: PageArgs): Promise<Connection<EventNode>>;
}

/** Makes read points. */
@Injectable()
export class ReadPoints {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PastReader) private readonly pasts: PastReader,
    @Inject(EventQueries) private readonly events: EventQueries,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.gatewayUrl) private readonly gatewayUrl: string,
  ) {}

  /** The point that was asked for; now when none was. */
  async at(organisationId: OrganisationId, asOf: AsOf | null | undefined): Promise<ReadPoint> {
    const past = asOf === null || asOf === undefined ? null : await this.pasts.at(organisationId, asOf);
    const until = past === null ? null : { revision: past.revision };
    return {
      organisationId,
      past,
      atMs: past?.atMs ?? this.clock.now(),
      gatewayUrl: this.gatewayUrl,
      read: (work) => this.reader.read(organisationId, work),
      history: (object, page) => this.events.ofObject(organisationId, object, { ...page, asOf: until }),
    };
  }
}

/** The name in the cursor of a list that is ordered by name. @throws {GraphQLError} `bad_input` for another text. */
export function readNameCursor(cursor: string | null | undefined): string | undefined {
  const [name] = readCursor(cursor, 1) ?? [];
  if (name?.includes('\0') === true) throw new GraphQLError('This is not a cursor of this list.', { extensions: { code: 'bad_input' } });
  return name;
}

/** Rows after a name, in order of their names, at most `take`. */
export function namedAfter<Row>(rows: Iterable<Row>, nameOf: (row: Row) => string, place: { readonly after: string | undefined; readonly take: number }): readonly Row[] {
  const { after, take } = place;
  return [...rows]
    .filter((row) => after === undefined || nameOf(row) > after)
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
    .slice(0, take);
}
