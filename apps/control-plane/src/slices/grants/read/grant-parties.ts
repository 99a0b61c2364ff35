import { In, type EntityManager } from 'typeorm';

import { IdentityRow } from '../../identities/read/identity-row.entity.js';
import type { ReadPoint } from '../../past/read-point.js';
import { PolicyRow } from '../../policies/read/policy-row.entity.js';
import { ServerRow } from '../../servers/read/server-row.entity.js';
import type { GrantParties } from '../grant-to-graphql.js';
import type { GrantRow } from './grant-row.entity.js';

interface PartyTables {
  readonly identities: ReadonlyMap<string, IdentityRow>;
  readonly servers: ReadonlyMap<string, ServerRow>;
  readonly policies: ReadonlyMap<string, PolicyRow>;
}

/** What each grant connects, in the order of the grants; three look-ups however many there are. */
export async function partiesOf(point: ReadPoint, grants: readonly GrantRow[]): Promise<readonly GrantParties[]> {
  if (grants.length === 0) return [];
  const tables = point.past ?? (await point.read((manager) => readTables(manager, grants)));
  return grants.map((grant) => ({
    identity: known(tables.identities, grant.identityId),
    server: known(tables.servers, grant.serverId),
    policy: known(tables.policies, grant.policyId),
  }));
}

async function readTables(manager: EntityManager, grants: readonly GrantRow[]): Promise<PartyTables> {
  const organisationId = grants[0]?.organisationId;
  if (organisationId === undefined) return { identities: new Map(), servers: new Map(), policies: new Map() };
  const identities = await manager.findBy(IdentityRow, { organisationId, identityId: In([...new Set(grants.map((grant) => grant.identityId))]) });
  const servers = await manager.findBy(ServerRow, { organisationId, serverId: In([...new Set(grants.map((grant) => grant.serverId))]) });
  const policies = await manager.findBy(PolicyRow, { organisationId, policyId: In([...new Set(grants.map((grant) => grant.policyId))]) });
  return {
    identities: new Map(identities.map((row) => [row.identityId, row])),
    servers: new Map(servers.map((row) => [row.serverId, row])),
    policies: new Map(policies.map((row) => [row.policyId, row])),
  };
}

/** Nothing that a grant names is ever removed, so a missing row is a broken projection. */
function known<Row>(rows: ReadonlyMap<string, Row>, id: string): Row {
  const row = rows.get(id);
  if (row === undefined) throw new Error(`a grant names ${id}, which is in no table`);
  return row;
}
