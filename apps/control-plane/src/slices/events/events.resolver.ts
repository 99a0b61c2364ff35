import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver, Subscription } from '@nestjs/graphql';
import { branded, type Revision } from '@sallyport/kernel';

import type { WaitFor } from '../../platform/commands/command.js';
import { ChangeProgress, WAIT_LIMIT_MS, type Progress, type WorkerProgress } from '../../platform/commands/change-progress.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { EnforcementStream } from './enforcement-stream.js';
import { EventQueries, type EventPage } from './read/event-queries.js';
import { NamedObjects } from './read/named-objects.js';

/** What happened, and how far it came, in GraphQL. */
@Resolver()
export class EventsResolver {
  constructor(
    @Inject(EventQueries) private readonly queries: EventQueries,
    @Inject(NamedObjects) private readonly objects: NamedObjects,
    @Inject(ChangeProgress) private readonly progress: ChangeProgress,
    @Inject(EnforcementStream) private readonly stream: EnforcementStream,
  ) {}

  @Query('events')
  @RequireRole('viewer')
  async events(@CurrentCaller() caller: Caller, @Args() { object, ...page }: EventPage & { readonly object?: string | null }) {
    if (object === null || object === undefined) return this.queries.list(caller.organisationId, page);
    return this.queries.ofObject(caller.organisationId, await this.objects.find(caller.organisationId, object), page);
  }

  @Query('revision')
  @RequireRole('viewer')
  revision(@CurrentCaller() caller: Caller): Promise<Revision> {
    return this.queries.head(caller.organisationId);
  }

  @Query('enforcement')
  @RequireRole('viewer')
  enforcement(@CurrentCaller() caller: Caller, @Args('revision') revision: number, @Args('waitFor') waitFor?: WaitFor | null): Promise<Progress> {
    return this.progress.of(caller.organisationId, branded<Revision>(revision), { waitFor: waitFor ?? 'COMMITTED', timeoutMs: WAIT_LIMIT_MS });
  }

  @Subscription('enforcement')
  @RequireRole('viewer')
  enforcementSteps(@Context() context: RequestContext, @Args('revision') revision: number) {
    return this.stream.run(context, branded<Revision>(revision));
  }

  @Query('workers')
  @RequireRole('viewer')
  workers(@CurrentCaller() caller: Caller): readonly WorkerProgress[] {
    return this.progress.workersOf(caller.organisationId);
  }
}
