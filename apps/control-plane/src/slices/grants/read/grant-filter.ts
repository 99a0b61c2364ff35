import type { OrganisationId } from '@sallyport/kernel';
import { LessThan, LessThanOrEqual, MoreThan, type EntityManager, type FindOptionsWhere } from 'typeorm';

import { findIdentity } from '../../identities/read/identity-queries.js';
import type { PastState } from '../../past/past-state.js';
import type { ReadPoint } from '../../past/read-point.js';
import { findServer } from '../../servers/read/server-queries.js';
import { statusAt, type GrantStatus } from '../grant-to-graphql.js';
import { GrantRow } from './grant-row.entity.js';

/** Which grants are wanted; `undefined` wants all. Identities and servers go by id, name or slug. */
export interface GrantFilter {
  readonly identity: string | undefined;
  readonly server: string | undefined;
  readonly status: GrantStatus | undefined;
  /** Issued at an earlier revision than this. */
  readonly before: number | undefined;
  readonly take: number;
}

/** The wanted grants, newest first. */
export async function findWanted(point: ReadPoint, filter: GrantFilter): Promise<readonly GrantRow[]> {
  const { organisationId, past, atMs } = point;
  if (past !== null) return pastWanted(past, filter);
  return point.read(async (manager) => {
    const where = await whereOf(manager, { organisationId, atMs }, filter);
    return where === undefined ? [] : manager.find(GrantRow, { where, order: { issuedRevision: 'DESC' }, take: filter.take });
  });
}

/** `undefined` when the identity or the server is not there: nothing is wanted then. */
async function whereOf(
  manager: EntityManager,
  { organisationId, atMs }: { readonly organisationId: OrganisationId; readonly atMs: number },
  filter: GrantFilter,
): Promise<FindOptionsWhere<GrantRow>[] | undefined> {
  const where: FindOptionsWhere<GrantRow> = { organisationId };
  if (filter.before !== undefined) where.issuedRevision = LessThan(filter.before);
  if (filter.identity !== undefined) {
    const identity = await findIdentity(manager, organisationId, filter.identity);
    if (identity === null) return undefined;
    where.identityId = identity.identityId;
  }
  if (filter.server !== undefined) {
    const server = await findServer(manager, organisationId, filter.server);
    if (server === null) return undefined;
    where.serverId = server.serverId;
  }
  return statusWhere(filter.status, new Date(atMs)).map((status) => ({ ...where, ...status }));
}

function statusWhere(status: GrantStatus | undefined, at: Date): FindOptionsWhere<GrantRow>[] {
  switch (status) {
    case undefined:
      return [{}];
    case 'active':
      return [{ status: 'active', expiresAt: MoreThan(at) }];
    case 'expired':
      return [{ status: 'expired' }, { status: 'active', expiresAt: LessThanOrEqual(at) }];
    case 'revoked':
      return [{ status: 'revoked' }];
  }
}

function pastWanted(past: PastState, { identity, server, status, before, take }: GrantFilter): readonly GrantRow[] {
  return [...past.grants.values()]
    .filter((row) => before === undefined || row.issuedRevision < before)
    .filter((row) => identity === undefined || row.identityId === identity || past.identities.get(row.identityId)?.name === identity)
    .filter((row) => server === undefined || row.serverId === server || past.servers.get(row.serverId)?.slug === server)
    .filter((row) => status === undefined || statusAt(row, past.atMs) === status)
    .sort((one, other) => other.issuedRevision - one.issuedRevision)
    .slice(0, take);
}
