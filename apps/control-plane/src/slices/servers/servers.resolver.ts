import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Committed } from '../../platform/commands/command-runner.js';
import type { Refusal } from '../../platform/commands/refusal.js';
import { mutationAnswer } from '../../platform/graphql/mutation-answer.js';
import type { AsOf } from '../../platform/graphql/scalars.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import type { PageArgs } from '../past/read-point.js';
import { ChangeServers, type LabelToolInput, type ServerRefInput, type UpdateServerInput } from './commands/change-servers.js';
import type { ServerIds } from './commands/decide-on-server.js';
import { RefreshServer } from './commands/refresh-server.js';
import { RegisterServer, type RegisterServerInput } from './commands/register-server.js';
import { DriftWatch } from './drift-watch.js';
import { ServerQueries } from './read/server-queries.js';

/** Servers in GraphQL. */
@Resolver()
export class ServersResolver {
  constructor(
    @Inject(ServerQueries) private readonly servers: ServerQueries,
    @Inject(RegisterServer) private readonly registration: RegisterServer,
    @Inject(RefreshServer) private readonly refreshing: RefreshServer,
    @Inject(ChangeServers) private readonly change: ChangeServers,
    @Inject(DriftWatch) private readonly drift: DriftWatch,
  ) {}

  @Query('servers')
  @RequireRole('viewer')
  list(@CurrentCaller() caller: Caller, @Args() page: PageArgs & { readonly asOf?: AsOf | null }) {
    return this.servers.list(caller.organisationId, page);
  }

  @Query('server')
  @RequireRole('viewer')
  one(@CurrentCaller() caller: Caller, @Args() { server, asOf }: { readonly server: string; readonly asOf?: AsOf | null }) {
    return this.servers.find(caller.organisationId, server, asOf ?? null);
  }

  @Mutation('registerServer')
  @RequireRole('policy_manager')
  async register(@CurrentCaller() caller: Caller, @Args('input') input: RegisterServerInput) {
    return this.answer('RegisterServerPayload', await this.registration.run(input, caller), caller);
  }

  @Mutation('updateServer')
  @RequireRole('policy_manager')
  async update(@CurrentCaller() caller: Caller, @Args('input') input: UpdateServerInput) {
    const updated = await this.change.update(input, caller);
    if (updated.ok && typeof input.url === 'string') void this.drift.noticeChange(caller.organisationId, updated.value.ids.serverId);
    return this.answer('UpdateServerPayload', updated, caller);
  }

  @Mutation('refreshServer')
  @RequireRole('policy_manager')
  async refresh(@CurrentCaller() caller: Caller, @Args('input') input: ServerRefInput) {
    return this.answer('RefreshServerPayload', await this.refreshing.run(input, caller), caller);
  }

  @Mutation('disableServer')
  @RequireRole('policy_manager')
  async disable(@CurrentCaller() caller: Caller, @Args('input') input: ServerRefInput) {
    return this.answer('DisableServerPayload', await this.change.disable(input, caller), caller);
  }

  @Mutation('enableServer')
  @RequireRole('policy_manager')
  async enable(@CurrentCaller() caller: Caller, @Args('input') input: ServerRefInput) {
    return this.answer('EnableServerPayload', await this.change.enable(input, caller), caller);
  }

  @Mutation('labelTool')
  @RequireRole('admin')
  async label(@CurrentCaller() caller: Caller, @Args('input') input: LabelToolInput) {
    return this.answer('LabelToolPayload', await this.change.label(input, caller), caller);
  }

  private answer(typename: string, result: Result<Committed<ServerIds>, Refusal>, caller: Caller) {
    return mutationAnswer(typename, result, async ({ ids }) => ({ server: await this.servers.present(caller.organisationId, ids.serverId) }));
  }
}
