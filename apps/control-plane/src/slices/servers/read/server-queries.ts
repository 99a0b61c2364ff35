import { Inject, Injectable } from '@nestjs/common';
import { isSlug } from '@sallyport/control-domain';
import type { OrganisationId, ServerId } from '@sallyport/kernel';
import { MoreThan, type EntityManager } from 'typeorm';

import { connectionOf, pageSize, type Connection } from '../../../platform/graphql/page.js';
import type { AsOf } from '../../../platform/graphql/scalars.js';
import { parseId } from '../../../platform/parse-id.js';
import { namedAfter, readNameCursor, ReadPoints, type PageArgs, type ReadPoint } from '../../past/read-point.js';
import { serverToGraphql } from '../server-to-graphql.js';
import { ServerRow } from './server-row.entity.js';

/** GraphQL's `Server`. */
export type ServerNode = ReturnType<typeof serverToGraphql>;

/** Look-ups of servers, now or at a point in the past. */
@Injectable()
export class ServerQueries {
  constructor(@Inject(ReadPoints) private readonly points: ReadPoints) {}

  /** Servers by slug. */
  async list(organisationId: OrganisationId, page: PageArgs & { readonly asOf?: AsOf | null }): Promise<Connection<ServerNode>> {
    const first = pageSize(page.first);
    const after = readNameCursor(page.after);
    const point = await this.points.at(organisationId, page.asOf);
    const rows = await listed(point, { after, take: first + 1 });
    return connectionOf(rows, first, { place: (row) => [row.slug], node: (row) => serverToGraphql(row, point) });
  }

  /** One server, by id or slug. */
  async find(organisationId: OrganisationId, named: string, asOf?: AsOf | null): Promise<ServerNode | null> {
    const point = await this.points.at(organisationId, asOf);
    const row = await found(point, named);
    return row === null ? null : serverToGraphql(row, point);
  }

  /** A server that is known to be there. */
  async present(organisationId: OrganisationId, serverId: ServerId): Promise<ServerNode> {
    const point = await this.points.at(organisationId, null);
    return serverToGraphql(await point.read((manager) => manager.findOneByOrFail(ServerRow, { organisationId, serverId })), point);
  }
}

/** A server by id or slug, inside the caller's transaction. */
export async function findServer(manager: EntityManager, organisationId: OrganisationId, named: string): Promise<ServerRow | null> {
  const serverId = parseId<ServerId>(named);
  if (serverId !== undefined) return manager.findOneBy(ServerRow, { organisationId, serverId });
  return isSlug(named) ? manager.findOneBy(ServerRow, { organisationId, slug: named }) : null;
}

function listed(point: ReadPoint, place: { readonly after: string | undefined; readonly take: number }): Promise<readonly ServerRow[]> | readonly ServerRow[] {
  const { organisationId, past } = point;
  if (past !== null) return namedAfter(past.servers.values(), (row) => row.slug, place);
  const where = { organisationId, ...(place.after !== undefined && { slug: MoreThan(place.after) }) };
  return point.read((manager) => manager.find(ServerRow, { where, order: { slug: 'ASC' }, take: place.take }));
}

async function found(point: ReadPoint, named: string): Promise<ServerRow | null> {
  const { organisationId, past } = point;
  if (past === null) return point.read((manager) => findServer(manager, organisationId, named));
  return past.servers.get(named) ?? [...past.servers.values()].find((row) => row.slug === named) ?? null;
}
