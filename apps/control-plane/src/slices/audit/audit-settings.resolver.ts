import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { OrganisationReader } from '../../platform/persistence/organisation-reader.js';
import { EventQueries } from '../events/read/event-queries.js';
import { AcknowledgeAuditReset } from './commands/acknowledge-audit-reset.js';
import { RotateAuditKey } from './commands/rotate-audit-key.js';
import { SetAuditRetention, type SetAuditRetentionInput } from './commands/set-audit-retention.js';
import { readRetention } from './retention/retention-rows.js';
import { HeadList } from './sign/head-list.js';

/** Settings and keys of audit streams in GraphQL. */
@Resolver()
export class AuditSettingsResolver {
  constructor(
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
    @Inject(HeadList) private readonly headList: HeadList,
    @Inject(EventQueries) private readonly events: EventQueries,
    @Inject(SetAuditRetention) private readonly setRetention: SetAuditRetention,
    @Inject(RotateAuditKey) private readonly rotateKey: RotateAuditKey,
    @Inject(AcknowledgeAuditReset) private readonly acknowledgeReset: AcknowledgeAuditReset,
  ) {}

  @Query('auditRetention')
  @RequireRole('auditor')
  retention(@CurrentCaller() { organisationId }: Caller) {
    return this.reader.read(organisationId, (manager) => readRetention(manager, organisationId));
  }

  @Query('auditHeadList')
  @RequireRole('operator')
  heads() {
    return this.headList.newest();
  }

  @Mutation('setAuditRetention')
  @RequireRole('admin')
  async keep(@CurrentCaller() caller: Caller, @Args('input') input: SetAuditRetentionInput) {
    return this.answer('SetAuditRetentionPayload', caller, await this.setRetention.run(input, caller), (retention) => ({ retention }));
  }

  @Mutation('rotateAuditKey')
  @RequireRole('operator')
  async rotate(@CurrentCaller() caller: Caller, @Args('input') input: { readonly reason: string }) {
    return this.answer('RotateAuditKeyPayload', caller, await this.rotateKey.run(input.reason, caller), (rotated) => rotated);
  }

  @Mutation('acknowledgeAuditReset')
  @RequireRole('operator')
  async acknowledge(@CurrentCaller() caller: Caller, @Args('input') input: { readonly stream: string; readonly reason: string }) {
    return this.answer('AcknowledgeAuditResetPayload', caller, await this.acknowledgeReset.run(input, caller), (acknowledged) => acknowledged);
  }

  private async answer<Value, Payload extends object>(typename: string, { organisationId }: Caller, result: Result<Value, Refusal>, build: (value: Value) => Payload) {
    if (!result.ok) return { __typename: 'Refusal', ...result.refusal };
    return { __typename: typename, ...build(result.value), revision: await this.events.head(organisationId) };
  }
}
