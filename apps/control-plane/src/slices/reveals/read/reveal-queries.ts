import { Inject, Injectable } from '@nestjs/common';
import { branded, type Clock, type DecisionId, type OrganisationId, type RevealId } from '@sallyport/kernel';
import { LessThan, MoreThan, type FindOptionsWhere } from 'typeorm';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import { parseId } from '../../../platform/parse-id.js';
import { PART } from '../../../platform/parts.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { revealToGraphql } from '../reveal-to-graphql.js';
import { RevealRow } from './reveal-row.entity.js';

/** GraphQL's `Reveal`. */
export type RevealNode = ReturnType<typeof revealToGraphql>;

/** What to list. `decision` is an id; `open` leaves out what has ended. */
export interface RevealPage {
  readonly decision?: string | null;
  readonly open?: boolean | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Look-ups of reveals. */
@Injectable()
export class RevealQueries {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(PART.clock) private readonly clock: Clock,
  ) {}

  /** Reveals, newest first: their ids sort by when they were made. */
  async list(organisationId: OrganisationId, page: RevealPage): Promise<Connection<RevealNode>> {
    const first = pageSize(page.first);
    const now = this.clock.now();
    const where: FindOptionsWhere<RevealRow> = { organisationId };
    const [cursor] = readCursor(page.after, 1) ?? [];
    if (cursor !== undefined) where.revealId = LessThan(parseId<RevealId>(cursor) ?? branded<RevealId>(NO_ID));
    if (typeof page.decision === 'string') where.decisionId = parseId<DecisionId>(page.decision) ?? branded<DecisionId>(NO_ID);
    if (page.open === true) where.openUntil = MoreThan(new Date(now));
    const rows = await this.reader.read(organisationId, (manager) => manager.find(RevealRow, { where, order: { revealId: 'DESC' }, take: first + 1 }));
    return connectionOf(rows, first, { place: (row) => [row.revealId], node: (row) => revealToGraphql(row, now) });
  }

  /** One reveal, by id. */
  async find(organisationId: OrganisationId, id: string): Promise<RevealNode | null> {
    const revealId = parseId<RevealId>(id);
    if (revealId === undefined) return null;
    const row = await this.reader.read(organisationId, (manager) => manager.findOneBy(RevealRow, { organisationId, revealId }));
    return row === null ? null : revealToGraphql(row, this.clock.now());
  }

  /** A reveal that is known to be there. */
  async present(organisationId: OrganisationId, revealId: RevealId): Promise<RevealNode> {
    const row = await this.reader.read(organisationId, (manager) => manager.findOneByOrFail(RevealRow, { organisationId, revealId }));
    return revealToGraphql(row, this.clock.now());
  }
}
