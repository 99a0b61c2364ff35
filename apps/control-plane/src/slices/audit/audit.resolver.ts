import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { OrganisationId } from '@sallyport/kernel';

import type { RequestContext } from '../../platform/graphql/request-context.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { signInError } from '../../platform/identity/sign-in-error.js';
import { AuditPull, type AuditPullPlace } from './read/audit-pull.js';
import type { AuditEventFilter } from './read/event-filter.js';
import { AuditEventQueries, type AuditEventPage } from './read/event-queries.js';
import { OpenAuditTail } from './read/open-audit-tail.js';
import { AuditStreamQueries } from './read/stream-queries.js';
import { NO_ORGANISATION } from './store/audit-head.js';

/** Which stream a field is about. */
interface OfStream {
  readonly scope?: 'organisation' | 'deployment' | null;
}

/** Reading audit streams in GraphQL. */
@Resolver()
export class AuditResolver {
  constructor(
    @Inject(AuditEventQueries) private readonly events: AuditEventQueries,
    @Inject(AuditStreamQueries) private readonly streams: AuditStreamQueries,
    @Inject(AuditPull) private readonly pulling: AuditPull,
    @Inject(OpenAuditTail) private readonly openTail: OpenAuditTail,
  ) {}

  @Query('auditEvents')
  @RequireRole('auditor')
  list(@CurrentCaller() caller: Caller, @Args() page: AuditEventPage & OfStream) {
    return this.events.list(organisationOf(caller, page), page);
  }

  @Query('auditEvent')
  @RequireRole('auditor')
  find(@CurrentCaller() caller: Caller, @Args() asked: OfStream & { readonly id: string }) {
    return this.events.find(organisationOf(caller, asked), asked.id);
  }

  @Query('auditPull')
  @RequireRole('auditor')
  pull(@CurrentCaller() caller: Caller, @Args() asked: OfStream & AuditPullPlace) {
    return this.pulling.run(organisationOf(caller, asked), asked);
  }

  @Query('auditStreams')
  @RequireRole('auditor')
  heads(@CurrentCaller() caller: Caller, @Args() asked: OfStream) {
    const organisationId = organisationOf(caller, asked);
    return this.streams.heads(caller.organisationId, organisationId === NO_ORGANISATION);
  }

  @Query('auditCheckpoint')
  @RequireRole('auditor')
  checkpoint(@CurrentCaller() caller: Caller, @Args() asked: OfStream & { readonly covering?: number | null }) {
    return this.streams.checkpoint(organisationOf(caller, asked), asked.covering);
  }

  @Query('auditProof')
  @RequireRole('auditor')
  proof(@CurrentCaller() caller: Caller, @Args() asked: OfStream & { readonly eventId: string }) {
    return this.streams.proof(organisationOf(caller, asked), asked.eventId);
  }

  @Query('auditConsistency')
  @RequireRole('auditor')
  consistency(@CurrentCaller() caller: Caller, @Args() asked: OfStream & { readonly oldSize: number; readonly newSize: number }) {
    return this.streams.consistency(organisationOf(caller, asked), asked.oldSize, asked.newSize);
  }

  @Query('auditKeys')
  @RequireRole('auditor')
  keys(@CurrentCaller() caller: Caller, @Args() asked: OfStream) {
    return this.streams.keys(organisationOf(caller, asked));
  }

  @Subscription('auditStream')
  @RequireRole('auditor')
  tail(@CurrentCaller() caller: Caller, @Context() context: RequestContext, @Args() asked: OfStream & { readonly filter?: AuditEventFilter | null; readonly after?: number | null }) {
    const organisationId = organisationOf(caller, asked);
    return this.openTail.run(context, { organisationId, filter: asked.filter ?? {}, after: asked.after ?? null, ofDeployment: organisationId === NO_ORGANISATION });
  }
}

/** @throws {GraphQLError} `forbidden` for the deployment's own stream, unless the caller is an operator. */
function organisationOf(caller: Caller, { scope }: OfStream): OrganisationId {
  if (scope !== 'deployment') return caller.organisationId;
  if (!caller.operator) throw signInError('forbidden');
  return NO_ORGANISATION;
}
