import { Inject, Injectable } from '@nestjs/common';
import { decideMember, evolveMember, noMember, type MemberCommand } from '@sallyport/control-domain';
import type { DomainFact, Role } from '@sallyport/domain-events';
import { ok, refuse, type JsonObject, type MemberId, type Result } from '@sallyport/kernel';

import { askedCommand, type Asked } from '../../../platform/commands/asked-command.js';
import { CommandRunner, type Committed, type Done } from '../../../platform/commands/command-runner.js';
import type { CommandSession } from '../../../platform/commands/command-session.js';
import { refusalOf, type Refusal } from '../../../platform/commands/refusal.js';
import type { Caller } from '../../../platform/identity/caller.js';
import { newId } from '../../../platform/new-id.js';
import { revokeTokensOf } from '../../tokens/commands/revoke-tokens-of.js';
import { memberRefusals } from '../member-refusals.js';
import { countOtherAdmins, findMember, isNameTaken } from '../read/member-queries.js';

/** A new member. */
export interface AddMemberInput extends Asked {
  readonly name: string;
  readonly role: Role;
}
/** A member, by id or name, and its new role. */
export interface ChangeMemberRoleInput extends Asked {
  readonly member: string;
  readonly role: Role;
}
/** A member, by id or name, that goes. */
export interface RemoveMemberInput extends Asked {
  readonly member: string;
}

/** The member a command was about. */
export type MemberIds = JsonObject & { readonly memberId: MemberId };
type Answer = Promise<Result<Committed<MemberIds>, Refusal>>;

/** Adds, changes and removes members. */
@Injectable()
export class ChangeMembers {
  constructor(@Inject(CommandRunner) private readonly runner: CommandRunner) {}

  /** Adds a member under a name that no present member has. */
  add(input: AddMemberInput, caller: Caller): Answer {
    return this.runner.run<MemberIds>(askedCommand('addMember', input, caller), async (session) => {
      const memberId = newId<MemberId>(session.now);
      const nameTaken = await isNameTaken(session.rows, session.organisationId, input.name.trim());
      return this.decide(session, memberId, { type: 'add', memberId, name: input.name, role: input.role, nameTaken });
    });
  }

  /** Gives a member another role. */
  changeRole(input: ChangeMemberRoleInput, caller: Caller): Answer {
    return this.runner.run<MemberIds>(askedCommand('changeMemberRole', input, caller), (session) =>
      this.onMember(session, input.member, (otherAdmins) => ({ type: 'change-role', role: input.role, otherAdmins })),
    );
  }

  /** Removes a member and revokes its tokens, in one change. */
  remove(input: RemoveMemberInput, caller: Caller): Answer {
    return this.runner.run<MemberIds>(askedCommand('removeMember', input, caller), async (session) => {
      const removed = await this.onMember(session, input.member, (otherAdmins) => ({ type: 'remove', otherAdmins }));
      if (removed.ok) await revokeTokensOf(session, removed.value.ids.memberId);
      return removed;
    });
  }

  private async onMember(session: CommandSession, named: string, command: (otherAdmins: number) => MemberCommand): Promise<Result<Done<MemberIds>, Refusal>> {
    const row = await findMember(session.rows, session.organisationId, named);
    if (row === null) return refuse(refusalOf(memberRefusals, 'member.unknown'));
    const otherAdmins = await countOtherAdmins(session.rows, session.organisationId, row.memberId);
    return this.decide(session, row.memberId, command(otherAdmins));
  }

  private async decide(session: CommandSession, memberId: MemberId, command: MemberCommand): Promise<Result<Done<MemberIds>, Refusal>> {
    const object = { kind: 'member', id: memberId } as const;
    const { state, version } = await session.load(object, { initial: noMember, evolve: evolveMember });
    const decided = decideMember(command, state);
    if (!decided.ok) return refuse(refusalOf(memberRefusals, decided.refusal));
    session.append(object, version, decided.value satisfies readonly DomainFact[]);
    return ok({ ids: { memberId } });
  }
}
