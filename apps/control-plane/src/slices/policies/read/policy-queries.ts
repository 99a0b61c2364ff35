import { Inject, Injectable } from '@nestjs/common';
import { isPolicyName } from '@sallyport/control-domain';
import type { OrganisationId, PolicyId } from '@sallyport/kernel';
import { MoreThan, type EntityManager } from 'typeorm';

import { connectionOf, pageSize, type Connection } from '../../../platform/graphql/page.js';
import type { AsOf } from '../../../platform/graphql/scalars.js';
import { parseId } from '../../../platform/parse-id.js';
import { namedAfter, readNameCursor, ReadPoints, type PageArgs, type ReadPoint } from '../../past/read-point.js';
import { policyToGraphql, readVersion, type PolicyNode } from '../policy-to-graphql.js';
import { PolicyRow } from './policy-row.entity.js';

/** Which policy is asked for, at which of its versions, when. */
export interface PolicyAsked {
  readonly name: string;
  readonly version?: number | null;
  readonly asOf?: AsOf | null;
}

/** Look-ups of policies, now or at a point in the past. */
@Injectable()
export class PolicyQueries {
  constructor(@Inject(ReadPoints) private readonly points: ReadPoints) {}

  /** Policies by name. */
  async list(organisationId: OrganisationId, page: PageArgs & { readonly asOf?: AsOf | null }): Promise<Connection<PolicyNode>> {
    const first = pageSize(page.first);
    const after = readNameCursor(page.after);
    const point = await this.points.at(organisationId, page.asOf);
    const rows = await listed(point, { after, take: first + 1 });
    return connectionOf(rows, first, { place: (row) => [row.name], node: (row) => policyToGraphql(row, point) });
  }

  /** One policy, by id or name; null too when it has no such version. */
  async find(organisationId: OrganisationId, { name, version, asOf }: PolicyAsked): Promise<PolicyNode | null> {
    const point = await this.points.at(organisationId, asOf);
    const row = await policyAt(point, name);
    if (row === null) return null;
    if (version === null || version === undefined) return policyToGraphql(row, point);
    return (await readVersion(row, point, version)) === null ? null : policyToGraphql(row, point, version);
  }

  /** A policy that is known to be there, at a version that is too; the live one, else the newest, when left out. */
  async present(organisationId: OrganisationId, policyId: PolicyId, version?: number): Promise<PolicyNode> {
    const point = await this.points.at(organisationId, null);
    return policyToGraphql(await point.read((manager) => manager.findOneByOrFail(PolicyRow, { organisationId, policyId })), point, version);
  }
}

/** A policy by id or name, inside the caller's transaction. */
export async function findPolicy(manager: EntityManager, organisationId: OrganisationId, named: string): Promise<PolicyRow | null> {
  const policyId = parseId<PolicyId>(named);
  if (policyId !== undefined) return manager.findOneBy(PolicyRow, { organisationId, policyId });
  return isPolicyName(named) ? manager.findOneBy(PolicyRow, { organisationId, name: named }) : null;
}

/** A policy by id or name, as it was at a point. */
export async function policyAt(point: ReadPoint, named: string): Promise<PolicyRow | null> {
  const { organisationId, past } = point;
  if (past === null) return point.read((manager) => findPolicy(manager, organisationId, named));
  return past.policies.get(named) ?? [...past.policies.values()].find((row) => row.name === named) ?? null;
}

function listed(point: ReadPoint, place: { readonly after: string | undefined; readonly take: number }): Promise<readonly PolicyRow[]> | readonly PolicyRow[] {
  const { organisationId, past } = point;
  if (past !== null) return namedAfter(past.policies.values(), (row) => row.name, place);
  const where = { organisationId, ...(place.after !== undefined && { name: MoreThan(place.after) }) };
  return point.read((manager) => manager.find(PolicyRow, { where, order: { name: 'ASC' }, take: place.take }));
}
