import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_SETTINGS, decideMember, decideOrganisation, evolveOrganisation, noMember, noOrganisation, slugFromName } from '@sallyport/control-domain';
import type { Actor } from '@sallyport/domain-events';
import { ok, refuse, type Clock, type JsonObject, type MemberId, type OrganisationId, type Result } from '@sallyport/kernel';
import type { SecretBox } from '@sallyport/secrets';
import type { DataSource } from 'typeorm';

import type { Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import { refusalOf, type Refusal } from '../../../platform/commands/refusal.js';
import { newId } from '../../../platform/new-id.js';
import { PART } from '../../../platform/parts.js';
import { asSignIn } from '../../../platform/persistence/sign-in-role.js';
import { memberRefusals } from '../../members/member-refusals.js';
import { organisationRefusals } from '../organisation-refusals.js';

/** What a new organisation is made from. */
export interface CreateOrganisationInput extends Asked {
  readonly name: string;
  readonly slug?: string | null | undefined;
  readonly adminName?: string | null | undefined;
}

/** Ids of a new organisation. */
export type NewOrganisationIds = JsonObject & { readonly organisationId: OrganisationId; readonly memberId: MemberId };

/** Makes an organisation with its own wrapped key and a first member of role admin. */
@Injectable()
export class CreateOrganisation {
  constructor(
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(PART.secretBox) private readonly secretBox: SecretBox,
    @Inject(PART.clock) private readonly clock: Clock,
    @Inject(PART.dataSource) private readonly dataSource: DataSource,
  ) {}

  /** @param by Who asks; `home` keeps the idempotency keys, and is absent for the system. */
  run(input: CreateOrganisationInput, by: { readonly actor: Actor; readonly home?: OrganisationId }): Promise<Result<Committed<NewOrganisationIds>, Refusal>> {
    const { idempotencyKey, waitFor, ...asked } = input;
    const organisationId = newId<OrganisationId>(this.clock.now());
    const command = { organisationId, actor: by.actor, name: 'createOrganisation', input: { ...asked }, idempotencyKey, waitFor };
    return this.runner.run<NewOrganisationIds>({ ...command, ...(by.home !== undefined && { keysOf: by.home }) }, (session) => this.create(session, input));
  }

  private async create(session: CommandSession, input: CreateOrganisationInput): Promise<Result<Done<NewOrganisationIds>, Refusal>> {
    const { organisationId } = session;
    const slug = input.slug ?? slugFromName(input.name);
    const { state, version } = await session.load({ kind: 'organisation', id: organisationId }, { initial: noOrganisation, evolve: evolveOrganisation });
    const settings = { name: input.name, ...DEFAULT_SETTINGS };
    const wrappedKey = this.secretBox.newOrganisationKey(organisationId);
    const created = decideOrganisation({ type: 'create', slug, settings, wrappedKey, slugTaken: await this.isTaken(slug) }, state);
    if (!created.ok) return refuse(refusalOf(organisationRefusals, created.refusal));
    session.append({ kind: 'organisation', id: organisationId }, version, created.value);

    const memberId = newId<MemberId>(session.now);
    const added = decideMember({ type: 'add', memberId, name: input.adminName ?? 'admin', role: 'admin', nameTaken: false }, noMember);
    if (!added.ok) return refuse({ ...refusalOf(memberRefusals, added.refusal), pointer: '/adminName' });
    session.append({ kind: 'member', id: memberId }, 0, added.value);
    return ok({ ids: { organisationId, memberId } });
  }

  private async isTaken(slug: string): Promise<boolean> {
    const rows = await asSignIn(this.dataSource, (manager) => manager.query<unknown[]>('SELECT FROM organisations WHERE slug = $1', [slug]));
    return rows.length > 0;
  }
}
