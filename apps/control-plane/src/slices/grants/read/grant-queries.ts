import { Inject, Injectable } from '@nestjs/common';
import type { GrantId, OrganisationId } from '@sallyport/kernel';

import { connectionOf, pageSize, readCursor, type Connection } from '../../../platform/graphql/page.js';
import type { AsOf } from '../../../platform/graphql/scalars.js';
import { parseId } from '../../../platform/parse-id.js';
import { ReadPoints, type PageArgs, type ReadPoint } from '../../past/read-point.js';
import { grantToGraphql, type GrantStatus } from '../grant-to-graphql.js';
import { GrantRow } from './grant-row.entity.js';
import { findWanted, type GrantFilter } from './grant-filter.js';
import { partiesOf } from './grant-parties.js';

/** GraphQL's `Grant`. */
export type GrantNode = ReturnType<typeof grantToGraphql>;

/** Which grants to list. */
export interface GrantsAsked extends PageArgs {
  readonly identity?: string | null;
  readonly server?: string | null;
  readonly status?: GrantStatus | null;
  readonly asOf?: AsOf | null;
}

/** Look-ups of grants, now or at a point in the past. */
@Injectable()
export class GrantQueries {
  constructor(@Inject(ReadPoints) private readonly points: ReadPoints) {}

  /** Grants, newest first. */
  async list(organisationId: OrganisationId, asked: GrantsAsked): Promise<Connection<GrantNode>> {
    const first = pageSize(asked.first);
    const [after] = readCursor(asked.after, 1) ?? [];
    const filter: GrantFilter = {
      identity: asked.identity ?? undefined,
      server: asked.server ?? undefined,
      status: asked.status ?? undefined,
      before: after === undefined ? undefined : Math.trunc(Number(after)) || 0,
      take: first + 1,
    };
    const point = await this.points.at(organisationId, asked.asOf);
    const rows = await findWanted(point, filter);
    const nodes = await nodesOf(point, rows);
    return connectionOf(nodes, first, { place: ([row]) => [row.issuedRevision], node: ([, node]) => node });
  }

  /** One grant by id. */
  async find(organisationId: OrganisationId, id: string, asOf?: AsOf | null): Promise<GrantNode | null> {
    const grantId = parseId<GrantId>(id);
    if (grantId === undefined) return null;
    const point = await this.points.at(organisationId, asOf);
    const row = await rowAt(point, grantId);
    const [found] = await nodesOf(point, row === null ? [] : [row]);
    return found?.[1] ?? null;
  }

  /** A grant that is known to be there. */
  async present(organisationId: OrganisationId, grantId: GrantId): Promise<GrantNode> {
    const point = await this.points.at(organisationId, null);
    const row = await point.read((manager) => manager.findOneByOrFail(GrantRow, { organisationId, grantId }));
    const [parties] = await partiesOf(point, [row]);
    if (parties === undefined) throw new Error(`grant ${grantId} has no parties`);
    return grantToGraphql(row, parties, point);
  }
}

async function rowAt(point: ReadPoint, grantId: GrantId): Promise<GrantRow | null> {
  const { organisationId, past } = point;
  if (past !== null) return past.grants.get(grantId) ?? null;
  return point.read((manager) => manager.findOneBy(GrantRow, { organisationId, grantId }));
}

async function nodesOf(point: ReadPoint, rows: readonly GrantRow[]): Promise<readonly (readonly [GrantRow, GrantNode])[]> {
  const parties = await partiesOf(point, rows);
  return rows.flatMap((row, at) => {
    const known = parties[at];
    return known === undefined ? [] : [[row, grantToGraphql(row, known, point)] as const];
  });
}
