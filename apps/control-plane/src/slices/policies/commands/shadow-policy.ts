import { Inject, Injectable } from '@nestjs/common';
import { ok, refuse, type JsonObject, type PolicyId, type Result } from '@sallyport/kernel';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed } from '../../../platform/commands/command-runner.js';
import type { Refusal } from '../../../platform/commands/refusal.js';
import { refusalAt } from '../../../platform/commands/refusal-at.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { OrganisationReader } from '../../../platform/persistence/organisation-reader.js';
import { checkDocument, enforcedText } from '../check-document.js';
import { policyRefusals } from '../policy-refusals.js';
import { testsRefusal } from '../policy-testing.js';
import { findPolicy } from '../read/policy-queries.js';
import { PolicyVersionRow } from '../read/policy-version-row.entity.js';
import { decideOnPolicy, PublishPolicy, type PolicyIds } from './publish-policy.js';

/** Which version of a policy, by id or name, shall run beside the live one; none where `version` is null or left out. */
export interface ShadowPolicyInput extends Asked {
  readonly policy: string;
  readonly version?: number | null | undefined;
}
/** Which version of a policy shall be published in force; the one that runs in shadow where `version` is left out. */
export interface PromotePolicyInput extends Asked {
  readonly policy: string;
  readonly version?: number | null | undefined;
  readonly note?: string | null | undefined;
}

/** The policy and the version that runs beside its live one. */
export type ShadowIds = JsonObject & { readonly policyId: PolicyId; readonly version: number | null };

/** Runs versions of policies in shadow, and puts them in force. */
@Injectable()
export class ShadowPolicy {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(PublishPolicy) private readonly publication: PublishPolicy,
    @Inject(OrganisationReader) private readonly reader: OrganisationReader,
  ) {}

  /** Has a version run beside the live one, in place of any that does; or none. */
  shadow(input: ShadowPolicyInput, caller: Caller): Promise<Result<Committed<ShadowIds>, Refusal>> {
    const version = input.version ?? null;
    return this.runner.run<ShadowIds>(askedCommand('shadowPolicy', input, caller), async (session) => {
      const row = await findPolicy(session.rows, session.organisationId, input.policy);
      if (row === null) return refuse(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: '/policy' }));
      const decided = await decideOnPolicy(session, row.policyId, { type: 'shadow', to: version });
      return decided.ok ? ok({ ids: { policyId: row.policyId, version } }) : decided;
    });
  }

  /** Publishes a version's document in force, which ends its run in shadow. Required tests must pass. */
  async promote(input: PromotePolicyInput, caller: Caller): Promise<Result<Committed<PolicyIds>, Refusal>> {
    const found = await this.reader.read(caller.organisationId, async (manager) => {
      const row = await findPolicy(manager, caller.organisationId, input.policy);
      const to = input.version ?? row?.shadowVersion ?? null;
      const version = row === null || to === null ? null : await manager.findOneBy(PolicyVersionRow, { organisationId: caller.organisationId, policyId: row.policyId, version: to });
      return { row, to, version };
    });
    const { row, to, version } = found;
    if (row === null) return refuse(refusalAt(policyRefusals, { code: 'policy.unknown', pointer: '/policy' }));
    if (to === null) return refuse(NOTHING_IN_SHADOW);
    const document = version === null ? undefined : checkDocument(enforcedText(version.document));
    const failed = row.testsRequired && row.tests !== null && document?.ok === true ? testsRefusal(row.tests, document.value.document) : undefined;
    if (failed !== undefined) return refuse(failed);
    const { version: _, ...asked } = input;
    const promoted = await this.publication.rollback({ ...asked, policy: row.policyId, to }, caller);
    return promoted.ok || promoted.refusal.pointer !== '/to' ? promoted : refuse({ ...promoted.refusal, pointer: '/version' });
  }
}

const NOTHING_IN_SHADOW: Refusal = { code: 'policy.version_unknown', message: 'No version of this policy runs in shadow. Name the version to promote.', pointer: '/version' };
