import type { Slice } from '../../platform/persistence/slice.js';
import { PublishPolicy } from './commands/publish-policy.js';
import { ShadowPolicy } from './commands/shadow-policy.js';
import { ExplainDecision } from './explain-decision.js';
import { PoliciesResolver } from './policies.resolver.js';
import { PolicyLooksResolver } from './policy-looks.resolver.js';
import { PolicyTesting } from './policy-testing.js';
import { PolicyWorkbench } from './policy-workbench.js';
import { AddShadowsAndTests1763700000071 } from './read/add-shadows-and-tests.migration.js';
import { CreatePolicies1763700000070 } from './read/create-policies.migration.js';
import { PolicyQueries } from './read/policy-queries.js';
import { PolicyRow } from './read/policy-row.entity.js';
import { PolicyVersionRow } from './read/policy-version-row.entity.js';
import { policyProjector } from './read/policy.projector.js';
import { ShadowReport } from './shadow-report.js';
import { RecordedHistory } from './simulation/recorded-history.js';
import { ReplayedValues } from './simulation/replayed-values.js';
import { SimulatePolicy } from './simulation/simulate-policy.js';
import { SimulationResolver } from './simulation/simulation.resolver.js';

/** Policies: what decides a call, version by version. */
export const policiesSlice: Slice = {
  providers: [
    PoliciesResolver,
    PolicyLooksResolver,
    PolicyQueries,
    PublishPolicy,
    ShadowPolicy,
    PolicyWorkbench,
    PolicyTesting,
    ExplainDecision,
    ShadowReport,
    SimulationResolver,
    SimulatePolicy,
    RecordedHistory,
    ReplayedValues,
  ],
  projectors: [policyProjector],
  migrations: [CreatePolicies1763700000070, AddShadowsAndTests1763700000071],
  entities: [PolicyRow, PolicyVersionRow],
};
