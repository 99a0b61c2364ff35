import type { Slice } from '../../platform/persistence/slice.js';
import { AuditSequences } from './audit/audit-sequences.js';
import { CreateAuditIncarnations1763700000070 } from './audit/create-audit-incarnations.migration.js';
import { DecisionsResolver } from './decisions.resolver.js';
import { DecisionQueries } from './read/decision-queries.js';
import { identityNameProjector } from './read/identity-name.projector.js';
import { KeptArguments } from './read/kept-arguments.js';
import { AddDecisionDetails1763700000160 } from './store/add-decision-details.migration.js';
import { CreateDecisions1763700000060 } from './store/create-decisions.migration.js';
import { DecisionStore } from './store/decision-store.js';
import { DecisionHub } from './stream/decision-hub.js';
import { OpenDecisionStream } from './stream/open-decision-stream.js';

/** Decisions: stored from the workers' journals, searched, and delivered as they come. They are no projection: the journal is their source. */
export const decisionsSlice: Slice = {
  providers: [DecisionsResolver, DecisionQueries, KeptArguments, DecisionStore, DecisionHub, OpenDecisionStream, AuditSequences],
  projectors: [identityNameProjector],
  migrations: [CreateDecisions1763700000060, CreateAuditIncarnations1763700000070, AddDecisionDetails1763700000160],
  entities: [],
};
