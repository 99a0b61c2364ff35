import { Inject, Injectable } from '@nestjs/common';
import { isIdentityName } from '@sallyport/control-domain';
import type { IdentityId, OrganisationId } from '@sallyport/kernel';
import { MoreThan, type EntityManager } from 'typeorm';

import { connectionOf, pageSize, type Connection } from '../../../platform/graphql/page.js';
import type { AsOf } from '../../../platform/graphql/scalars.js';
import { parseId } from '../../../platform/parse-id.js';
import { namedAfter, readNameCursor, ReadPoints, type PageArgs, type ReadPoint } from '../../past/read-point.js';
import { identityToGraphql } from '../identity-to-graphql.js';
import { IdentityRow } from './identity-row.entity.js';

/** GraphQL's `Identity`. */
export type IdentityNode = ReturnType<typeof identityToGraphql>;

/** Look-ups of identities, now or at a point in the past. */
@Injectable()
export class IdentityQueries {
  constructor(@Inject(ReadPoints) private readonly points: ReadPoints) {}

  /** Identities by name. */
  async list(organisationId: OrganisationId, page: PageArgs & { readonly asOf?: AsOf | null }): Promise<Connection<IdentityNode>> {
    const first = pageSize(page.first);
    const after = readNameCursor(page.after);
    const point = await this.points.at(organisationId, page.asOf);
    const rows = await listed(point, { after, take: first + 1 });
    return connectionOf(rows, first, { place: (row) => [row.name], node: (row) => identityToGraphql(row, point) });
  }

  /** One identity, by id or name. */
  async find(organisationId: OrganisationId, named: string, asOf?: AsOf | null): Promise<IdentityNode | null> {
    const point = await this.points.at(organisationId, asOf);
    const row = await found(point, named);
    return row === null ? null : identityToGraphql(row, point);
  }

  /** An identity that is known to be there. */
  async present(organisationId: OrganisationId, identityId: IdentityId): Promise<IdentityNode> {
    const point = await this.points.at(organisationId, null);
    return identityToGraphql(await point.read((manager) => manager.findOneByOrFail(IdentityRow, { organisationId, identityId })), point);
  }
}

/** An identity by id or name, inside the caller's transaction. */
export async function findIdentity(manager: EntityManager, organisationId: OrganisationId, named: string): Promise<IdentityRow | null> {
  const identityId = parseId<IdentityId>(named);
  if (identityId !== undefined) return manager.findOneBy(IdentityRow, { organisationId, identityId });
  return isIdentityName(named) ? manager.findOneBy(IdentityRow, { organisationId, name: named }) : null;
}

function listed(point: ReadPoint, place: { readonly after: string | undefined; readonly take: number }): Promise<readonly IdentityRow[]> | readonly IdentityRow[] {
  const { organisationId, past } = point;
  if (past !== null) return namedAfter(past.identities.values(), (row) => row.name, place);
  const where = { organisationId, ...(place.after !== undefined && { name: MoreThan(place.after) }) };
  return point.read((manager) => manager.find(IdentityRow, { where, order: { name: 'ASC' }, take: place.take }));
}

async function found(point: ReadPoint, named: string): Promise<IdentityRow | null> {
  const { organisationId, past } = point;
  if (past === null) return point.read((manager) => findIdentity(manager, organisationId, named));
  return past.identities.get(named) ?? [...past.identities.values()].find((row) => row.name === named) ?? null;
}
