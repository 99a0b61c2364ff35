import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';

import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { OrganisationReader } from '../../platform/persistence/organisation-reader.js';
import { EventQueries } from '../events/read/event-queries.js';
import { changeAnswer } from './change-answer.js';
import { EraseKeptValues, type EraseKeptValuesInput } from './commands/erase-kept-values.js';
import { SetAuditRetention, type SetAuditRetentionInput } from './commands/set-audit-retention.js';
import { readRetention } from './retention/retention-rows.js';

/** How long audit events are kept, and the end of kept values, in GraphQL. */
@Resolver()
export class AuditSettingsResolver {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(EventQueries) private readonly events: EventQueries,
    @Inject(SetAuditRetention) private readonly setRetention: SetAuditRetention,
    @Inject(EraseKeptValues) private readonly eraseValues: EraseKeptValues,
  ) {}

  @Query('auditRetention')
  @RequireRole('auditor')
  retention(@CurrentCaller() { organisationId }: Caller) {
    return this.reader.read(organisationId, (manager) => readRetention(manager, organisationId));
  }

  @Mutation('setAuditRetention')
  @RequireRole('admin')
  async keep(@CurrentCaller() caller: Caller, @Args('input') input: SetAuditRetentionInput) {
    const kept = await this.setRetention.run(input, caller);
    return changeAnswer('SetAuditRetentionPayload', kept, async (retention) => ({ retention, revision: await this.events.head(caller.organisationId) }));
  }

  @Mutation('eraseKeptValues')
  @RequireRole('admin')
  async erase(@CurrentCaller() caller: Caller, @Args('input') input: EraseKeptValuesInput) {
    const erased = await this.eraseValues.run(input, caller);
    return changeAnswer('EraseKeptValuesPayload', erased, async (what) => ({ ...what, revision: await this.events.head(caller.organisationId) }));
  }
}
