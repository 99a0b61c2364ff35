import { Inject, Injectable } from '@nestjs/common';
import { decideOrganisation, evolveOrganisation, noOrganisation } from '@sallyport/control-domain';
import type { AuditDurability, FreshnessMode, OrganisationSettings } from '@sallyport/domain-events';
import { ok, refuse, type JsonObject, type OrganisationId, type Result } from '@sallyport/kernel';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import { refusalOf, type Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { organisationRefusals } from '../organisation-refusals.js';

/** Settings to change. `failStaticMaxAge` in milliseconds. */
export interface UpdateOrganisationInput extends Asked {
  readonly name?: string | null | undefined;
  readonly auditDurability?: AuditDurability | null | undefined;
  readonly freshnessMode?: FreshnessMode | null | undefined;
  readonly failStaticMaxAge?: number | null | undefined;
}

type Ids = JsonObject & { readonly organisationId: OrganisationId };

/** Changes the settings of the caller's organisation. */
@Injectable()
export class UpdateOrganisation {
  constructor(@Inject(CommandRunner) private readonly runner: CommandRunner) {}

  /** Settings that are left out stay as they are. */
  run(input: UpdateOrganisationInput, caller: Caller): Promise<Result<Committed<Ids>, Refusal>> {
    return this.runner.run<Ids>(askedCommand('updateOrganisation', input, caller), (session) => this.update(session, settingsOf(input)));
  }

  private async update(session: CommandSession, settings: Partial<OrganisationSettings>): Promise<Result<Done<Ids>, Refusal>> {
    const { organisationId } = session;
    const object = { kind: 'organisation', id: organisationId } as const;
    const { state, version } = await session.load(object, { initial: noOrganisation, evolve: evolveOrganisation });
    const decided = decideOrganisation({ type: 'change-settings', settings }, state);
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
