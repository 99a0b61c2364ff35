import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver, Subscription } from '@nestjs/graphql';

import type { RequestContext } from '../../platform/graphql/request-context.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { AuditSequences } from './audit/audit-sequences.js';
import type { DecisionFilter } from './read/decision-filter.js';
import { DecisionQueries, type DecisionPage } from './read/decision-queries.js';
import { OpenDecisionStream } from './stream/open-decision-stream.js';

/** As many as are told at once. */
const AUDIT_HOLES = 100;

/** Decisions in GraphQL. */
@Resolver()
export class DecisionsResolver {
  constructor(
    @Inject(DecisionQueries) private readonly queries: DecisionQueries,
    @Inject(AuditSequences) private readonly sequences: AuditSequences,
    @Inject(OpenDecisionStream) private readonly openStream: OpenDecisionStream,
  ) {}

  @Query('decisions')
  @RequireRole('viewer')
  decisions(@CurrentCaller() caller: Caller, @Args() page: DecisionPage) {
    return this.queries.list(caller.organisationId, page);
  }

  @Query('decision')
  @RequireRole('viewer')
  decision(@CurrentCaller() caller: Caller, @Args('id') id: string) {
    return this.queries.find(caller.organisationId, id);
  }

  @Query('auditHoles')
  @RequireRole('operator')
  auditHoles() {
    return this.sequences.holes(AUDIT_HOLES);
  }

  @Subscription('decisionStream')
  @RequireRole('viewer')
  decisionStream(@Context() context: RequestContext, @Args('filter') filter?: DecisionFilter | null) {
    return this.openStream.run(context, filter ?? {});
  }
}
