import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import type { Enforcement, WorkerStatusBoard } from '@sallyport/event-log';
import { branded, type Revision } from '@sallyport/kernel';

import type { WaitFor } from '../../platform/commands/command.js';
import { CommandRunner } from '../../platform/commands/command-runner.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { PART } from '../../platform/parts.js';
import { EventQueries, parseObjectRef, type EventPage } from './read/event-queries.js';

/** What happened, and how far it came, in GraphQL. */
@Resolver()
export class EventsResolver {
  constructor(
    @Inject(EventQueries) private readonly queries: EventQueries,
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(PART.board) private readonly board: WorkerStatusBoard,
  ) {}

  @Query('events')
  @RequireRole('viewer')
  events(@CurrentCaller() caller: Caller, @Args() { object, ...page }: EventPage & { readonly object?: string | null }) {
    if (object === null || object === undefined) return this.queries.list(caller.organisationId, page);
    return this.queries.ofObject(caller.organisationId, parseObjectRef(object), page);
  }

  @Query('revision')
  @RequireRole('viewer')
  revision(@CurrentCaller() caller: Caller): Promise<Revision> {
    return this.queries.head(caller.organisationId);
  }

  @Query('enforcement')
  @RequireRole('viewer')
  async enforcement(@CurrentCaller() caller: Caller, @Args('revision') revision: number, @Args('waitFor') waitFor: WaitFor): Promise<Enforcement> {
    const { organisationId } = caller;
    const wanted = branded<Revision>(revision);
    const waited = await this.runner.waitFor({ organisationId, waitFor }, wanted);
    return waited ?? this.board.whenEnforced(organisationId, wanted, 0);
  }

  @Query('workers')
  @RequireRole('viewer')
  workers(@CurrentCaller() caller: Caller) {
    return this.board.workers().map(({ workerId, state, stampAgeMs, applied }) => ({
      workerId,
      state,
      stampAgeMs,
      appliedRevision: applied.get(caller.organisationId) ?? 0,
    }));
  }
}
