import type { Slice } from '../../platform/persistence/slice.js';
import { ChangeIdentities } from './commands/change-identities.js';
import { IdentitiesResolver } from './identities.resolver.js';
import { AddGroups1763700000051 } from './read/add-groups.migration.js';
import { CreateIdentities1763700000050 } from './read/create-identities.migration.js';
import { IdentityQueries } from './read/identity-queries.js';
import { IdentityRow } from './read/identity-row.entity.js';
import { identityProjector } from './read/identity.projector.js';

/** Identities: who calls. */
export const identitiesSlice: Slice = {
  providers: [IdentitiesResolver, IdentityQueries, ChangeIdentities],
  projectors: [identityProjector],
  migrations: [CreateIdentities1763700000050, AddGroups1763700000051],
  entities: [IdentityRow],
};
