import type { Slice } from '../../platform/persistence/slice.js';
import { ChangeGrants } from './commands/change-grants.js';
import { expiringGrants } from './commands/expiring-grants.js';
import { IssueGrant } from './commands/issue-grant.js';
import { GrantsResolver } from './grants.resolver.js';
import { CreateGrants1763700000080 } from './read/create-grants.migration.js';
import { GrantQueries } from './read/grant-queries.js';
import { GrantRow } from './read/grant-row.entity.js';
import { grantProjector } from './read/grant.projector.js';

/** Grants: who may use which server under which policy, and for how long. */
export const grantsSlice: Slice = {
  providers: [GrantsResolver, GrantQueries, IssueGrant, ChangeGrants],
  projectors: [grantProjector],
  migrations: [CreateGrants1763700000080],
  entities: [GrantRow],
  expiring: [expiringGrants],
};
