import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';

import type { Caller } from '../../platform/identity/caller.js';
import { CurrentCaller, RequireRole } from '../../platform/identity/require-role.js';
import { EventQueries } from '../events/read/event-queries.js';
import { changeAnswer } from './change-answer.js';
import { AcknowledgeAuditReset } from './commands/acknowledge-audit-reset.js';
import { RotateAuditKey } from './commands/rotate-audit-key.js';
import { HeadList } from './sign/head-list.js';

/** What signs the heads of audit streams, in GraphQL. */
@Resolver()
export class AuditKeysResolver {
  constructor(
    @Inject(HeadList) private readonly headList: HeadList,
    @Inject(EventQueries) private readonly events: EventQueries,
    @Inject(RotateAuditKey) private readonly rotateKey: RotateAuditKey,
    @Inject(AcknowledgeAuditReset) private readonly acknowledgeReset: AcknowledgeAuditReset,
  ) {}

  @Query('auditHeadList')
  @RequireRole('operator')
  heads() {
    return this.headList.newest();
  }

  @Mutation('rotateAuditKey')
  @RequireRole('operator')
  async rotate(@CurrentCaller() caller: Caller, @Args('input') input: { readonly reason: string }) {
    const rotated = await this.rotateKey.run(input.reason, caller);
    return changeAnswer('RotateAuditKeyPayload', rotated, async (key) => ({ ...key, revision: await this.events.head(caller.organisationId) }));
  }

  @Mutation('acknowledgeAuditReset')
  @RequireRole('operator')
  async acknowledge(@CurrentCaller() caller: Caller, @Args('input') input: { readonly stream: string; readonly reason: string }) {
    const acknowledged = await this.acknowledgeReset.run(input, caller);
    return changeAnswer('AcknowledgeAuditResetPayload', acknowledged, async (head) => ({ ...head, revision: await this.events.head(caller.organisationId) }));
  }
}
