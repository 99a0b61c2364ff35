import type { Slice } from '../../platform/persistence/slice.js';
import { ChangeTokens } from './commands/change-tokens.js';
import { AdminTokenQueries } from './read/admin-token-queries.js';
import { AdminTokenRow, TokenUseRow } from './read/admin-token-row.entity.js';
import { adminTokenProjector } from './read/admin-token.projector.js';
import { CreateAdminTokens1763700000040 } from './read/create-admin-tokens.migration.js';
import { TokensResolver } from './tokens.resolver.js';

/** Admin tokens: made, shown once, ended; and what a request's own token is. */
export const tokensSlice: Slice = {
  providers: [TokensResolver, AdminTokenQueries, ChangeTokens],
  projectors: [adminTokenProjector],
  migrations: [CreateAdminTokens1763700000040],
  entities: [AdminTokenRow, TokenUseRow],
};
