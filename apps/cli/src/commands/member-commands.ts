import {
  AddMemberDocument,
  ChangeMemberRoleDocument,
  ListMembersDocument,
  RemoveMemberDocument,
  type MemberFieldsFragment,
  type Role,
} from '@sallyport/graphql-contract';
import { Option, type Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { refusal } from '../output/answers.js';
import { moreLine, pageOf, pageVariables, withPaging, type PageFlags } from '../output/paging.js';
import { fields, instant, table } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';

/** The four roles, for flags. */
export const ROLE_CHOICES = ['viewer', 'policy_manager', 'admin', 'auditor'] as const satisfies readonly Role[];

/** `member add|list|role|remove`. */
export function addMemberCommands(program: Command, kit: CommandKit): void {
  const member = program.command('member').description('members: the people who sign in to the control plane');
  const roleOption = () => new Option('--role <role>', 'what the member may do').choices(ROLE_CHOICES).makeOptionMandatory();
  example(member.command('add <name>').description('add a member').addOption(roleOption()), 'sallyport member add "Ada Lovelace" --role policy_manager').action(
    kit.run(async (context, name: string, options: { role: Role }) => {
      const { addMember } = await context.admin().run(AddMemberDocument, { input: { name, role: options.role } });
      if (addMember.__typename === 'Refusal') return refusal(context, addMember);
      changed(context, addMember.member, addMember.revision);
    }),
  );
  example(withPaging(member.command('list').description('list members')), 'sallyport member list').action(
    kit.run(async (context, flags: PageFlags) => {
      const { members } = await context.admin().run(ListMembersDocument, pageVariables(flags));
      const page = pageOf(members, itemOf);
      const rows = page.items.map((item) => [item.memberId, item.name, item.role, instant(item.addedAt), item.removedAt === null ? 'active' : 'removed']);
      context.print(page, table(['id', 'name', 'role', 'added', 'status'], rows, 'No members.') + moreLine(page));
    }),
  );
  example(member.command('role <member>').description("change a member's role").addOption(roleOption()), 'sallyport member role ada --role auditor').action(
    kit.run(async (context, id: string, options: { role: Role }) => {
      const { changeMemberRole } = await context.admin().run(ChangeMemberRoleDocument, { input: { member: id, role: options.role } });
      if (changeMemberRole.__typename === 'Refusal') return refusal(context, changeMemberRole);
      changed(context, changeMemberRole.member, changeMemberRole.revision);
    }),
  );
  example(member.command('remove <member>').description('remove a member and revoke the tokens they hold'), 'sallyport member remove ada').action(
    kit.run(async (context, id: string) => {
      const { removeMember } = await context.admin().run(RemoveMemberDocument, { input: { member: id } });
      if (removeMember.__typename === 'Refusal') return refusal(context, removeMember);
      changed(context, removeMember.member, removeMember.revision);
    }),
  );
}

function changed(context: CommandContext, member: MemberFieldsFragment, revision: number): void {
  const item = itemOf(member);
  context.print({ ...item, revision }, fields([['member', item.memberId], ['name', item.name], ['role', item.role], ['revision', revision]]));
}

function itemOf(member: MemberFieldsFragment) {
  return { memberId: member.id, name: member.name, role: member.role, addedAt: member.addedAt, removedAt: member.removedAt ?? null };
}
