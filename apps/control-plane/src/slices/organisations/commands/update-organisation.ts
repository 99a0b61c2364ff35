import { Inject, Injectable } from '@nestjs/common';
import { decideOrganisation, evolveOrganisation, noOrganisation } from '@sallyport/control-domain';
import type { AuditDurability, FreshnessMode, OrganisationSettings } from '@sallyport/domain-events';
import { ok, refuse, type JsonObject, type OrganisationId, type Result } from '@sallyport/kernel';

import { CommandRunner, type Committed, type Done, type WaitFor } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import { refusalOf, type Refusal } from '../../../platform/commands/refusal.js';
import { actorOf, type Caller } from '../../../platform/identity/caller.js';
import { organisationRefusals } from '../organisation-refusals.js';

/** What this deployment can keep decisions with. */
const DURABILITIES: readonly AuditDurability[] = ['process', 'disk'];

/** Settings to change. `failStaticMaxAge` in milliseconds. */
export interface UpdateOrganisationInput {
  readonly name?: string | null | undefined;
  readonly auditDurability?: AuditDurability | null | undefined;
  readonly freshnessMode?: FreshnessMode | null | undefined;
  readonly failStaticMaxAge?: number | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly waitFor?: WaitFor | null | undefined;
}

type Ids = JsonObject & { readonly organisationId: OrganisationId };

/** Changes the settings of the caller's organisation. */
@Injectable()
export class UpdateOrganisation {
  constructor(@Inject(CommandRunner) private readonly runner: CommandRunner) {}

  /** Settings that are left out stay as they are. */
  run(input: UpdateOrganisationInput, caller: Caller): Promise<Result<Committed<Ids>, Refusal>> {
    const { idempotencyKey, waitFor, ...asked } = input;
    const { organisationId } = caller;
    const command = { organisationId, actor: actorOf(caller), name: 'updateOrganisation', input: { ...asked }, idempotencyKey, waitFor };
    return this.runner.run<Ids>(command, (session) => this.update(session, settingsOf(input)));
  }

  private async update(session: CommandSession, settings: Partial<OrganisationSettings>): Promise<Result<Done<Ids>, Refusal>> {
    const { organisationId } = session;
    const object = { kind: 'organisation', id: organisationId } as const;
    const { state, version } = await session.load(object, { initial: noOrganisation, evolve: evolveOrganisation });
    const decided = decideOrganisation({ type: 'change-settings', settings, durabilities: DURABILITIES }, state);
    if (!decided.ok) return refuse(refusalOf(organisationRefusals, decided.refusal));
    session.append(object, version, decided.value);
    return ok({ ids: { organisationId } });
  }
}

function settingsOf(input: UpdateOrganisationInput): Partial<OrganisationSettings> {
  const { name, auditDurability, freshnessMode, failStaticMaxAge } = input;
  return {
    ...(typeof name === 'string' && { name }),
    ...(auditDurability && { auditDurability }),
    ...(freshnessMode && { freshnessMode }),
    ...(typeof failStaticMaxAge === 'number' && { failStaticMaxAgeSeconds: failStaticMaxAge / 1000 }),
  };
}
