import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_TOKEN_LIFE_MS } from '@sallyport/control-domain';
import type { Actor } from '@sallyport/domain-events';
import { branded, type EpochMs, type JsonObject, type OrganisationId, type Result } from '@sallyport/kernel';
import type { KeyedHashes } from '@sallyport/secrets';
import { IsNull } from 'typeorm';

import { CommandRunner, type Committed } from './platform/commands/command-runner.js';
import type { CommandSession } from './platform/commands/command-session.js';
import type { Refusal } from './platform/commands/refusal.js';
import { PART } from './platform/parts.js';
import { MemberRow } from './slices/members/read/member-row.entity.js';
import { CreateOrganisation } from './slices/organisations/commands/create-organisation.js';
import { OrganisationQueries } from './slices/organisations/read/organisation-queries.js';
import { issueToken, type TokenIds } from './slices/tokens/commands/issue-token.js';
import { bootstrapFault } from './bootstrap-faults.js';

const FIRST_RUN: Actor = { kind: 'system', name: 'first-run' };
const RENEWAL: Actor = { kind: 'system', name: 'token-renewal' };

/** The operator's admin token; `token` is shown once. */
export interface OperatorToken {
  readonly organisationId: OrganisationId;
  readonly token: string;
  readonly expiresAt: EpochMs;
}

/** Makes the deployment's first organisation and its operator's tokens, as the system. */
@Injectable()
export class FirstRun {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(CreateOrganisation) private readonly createOrganisation: CreateOrganisation,
    @Inject(OrganisationQueries) private readonly organisations: OrganisationQueries,
    @Inject(PART.hashes) private readonly hashes: KeyedHashes,
  ) {}

  /** Makes the first organisation, its admin and the operator's token; `null` when there is an organisation already. */
  async run(name: string): Promise<OperatorToken | null> {
    if ((await this.organisations.first()) !== undefined) return null;
    const created = granted(await this.createOrganisation.run({ name }, { actor: FIRST_RUN }));
    return this.issueOperatorToken(created.ids.organisationId, FIRST_RUN);
  }

  /**
   * Makes a new operator's token for the deployment's first organisation, in place of one that was lost or ends soon.
   *
   * @throws {Fault} `bootstrap.no_organisation` before the first run.
   */
  async renewAdminToken(): Promise<OperatorToken> {
    const first = await this.organisations.first();
    if (first === undefined) throw bootstrapFault.no_organisation('renewAdminToken before firstRun');
    return this.issueOperatorToken(first.id, RENEWAL);
  }

  private async issueOperatorToken(organisationId: OrganisationId, actor: Actor): Promise<OperatorToken> {
    let expiresAt = branded<EpochMs>(0);
    const issued = await this.runner.run<TokenIds>({ organisationId, actor, name: 'operatorToken', input: {} }, async (session) => {
      expiresAt = branded<EpochMs>(session.now + DEFAULT_TOKEN_LIFE_MS);
      const member = await firstAdmin(session);
      return issueToken(session, this.hashes, { member, role: 'admin', issuerRole: 'admin', operator: true, label: 'operator', expiresAt });
    });
    const { secret } = granted(issued);
    if (secret === null) throw bootstrapFault.refused('the operator token came without its secret');
    return { organisationId, token: secret, expiresAt };
  }
}

async function firstAdmin(session: CommandSession): Promise<MemberRow> {
  return session.rows.findOneOrFail(MemberRow, {
    where: { organisationId: session.organisationId, role: 'admin', removedAt: IsNull() },
    order: { addedRevision: 'ASC' },
  });
}

function granted<Ids extends JsonObject>(result: Result<Committed<Ids>, Refusal>): Committed<Ids> {
  if (result.ok) return result.value;
  throw bootstrapFault.refused(`${result.refusal.code}: ${result.refusal.message}`);
}

