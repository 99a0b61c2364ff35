import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Result } from '@sallyport/kernel';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { OrganisationReader } from '../../platform/persistence/organisation-reader.js';
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
    return answer('SetAuditRetentionPayload', await this.setRetention.run(input, caller), (retention) => ({ retention }));
  }

  @Mutation('rotateAuditKey')
  @RequireRole('operator')
  async rotate(@CurrentCaller() caller: Caller, @Args('input') input: { readonly reason: string }) {
    return answer('RotateAuditKeyPayload', await this.rotateKey.run(input.reason, caller), (rotated) => rotated);
  }

  @Mutation('acknowledgeAuditReset')
  @RequireRole('operator')
  async acknowledge(@CurrentCaller() caller: Caller, @Args('input') input: { readonly stream: string; readonly reason: string }) {
    return answer('AcknowledgeAuditResetPayload', await this.acknowledgeReset.run(input, caller), (acknowledged) => acknowledged);
  }
}

function answer<Value, Payload extends object>(typename: string, result: Result<Value, Refusal>, build: (value: Value) => Payload) {
  return result.ok ? { __typename: typename, ...build(result.value) } : { __typename: 'Refusal', ...result.refusal };
}
