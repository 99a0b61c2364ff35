import type { Slice } from '../../platform/persistence/slice.js';
import { PublishPolicy } from './commands/publish-policy.js';
import { PoliciesResolver } from './policies.resolver.js';
import { PolicyWorkbench } from './policy-workbench.js';
import { CreatePolicies1763700000070 } from './read/create-policies.migration.js';
import { PolicyQueries } from './read/policy-queries.js';
import { PolicyRow } from './read/policy-row.entity.js';
import { PolicyVersionRow } from './read/policy-version-row.entity.js';
import { policyProjector } from './read/policy.projector.js';

/** Policies: what decides a call, version by version. */
export const policiesSlice: Slice = {
  providers: [PoliciesResolver, PolicyQueries, PublishPolicy, PolicyWorkbench],
  projectors: [policyProjector],
  migrations: [CreatePolicies1763700000070],
  entities: [PolicyRow, PolicyVersionRow],
};
