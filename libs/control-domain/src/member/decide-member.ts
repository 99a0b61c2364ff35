import type { MemberAdded, MemberRemoved, MemberRoleChanged, Role } from '@sallyport/domain-events';
import { ok, refuse, type MemberId, type Result } from '@sallyport/kernel';

import type { Member } from './member.js';

/** Longest name of a member or an organisation, characters. */
export const LONGEST_NAME = 100;

/**
 * A change of one member. `nameTaken`: another present member has the name. `otherAdmins`: present admins besides this
 * member. Both are looked up while the organisation's lock is held.
 */
export type MemberCommand =
  | { readonly type: 'add'; readonly memberId: MemberId; readonly name: string; readonly role: Role; readonly nameTaken: boolean }
  | { readonly type: 'change-role'; readonly role: Role; readonly otherAdmins: number }
  | { readonly type: 'remove'; readonly otherAdmins: number };

/** Why a member is not changed. */
export type MemberRefusal =
  | 'member.name_invalid'
  | 'member.name_taken'
  | 'member.exists'
  | 'member.unknown'
  | 'member.removed'
  | 'member.last_admin';

type MemberFact = MemberAdded | MemberRoleChanged | MemberRemoved;

/** What a command means for a member: the new facts (none when nothing changes), or the one reason it is refused. */
export function decideMember(command: MemberCommand, member: Member): Result<readonly MemberFact[], MemberRefusal> {
  if (command.type === 'add') return add(command, member);
  if (member.status === 'absent') return refuse('member.unknown');
  if (member.status === 'removed') return refuse('member.removed');
  const leavesAdmins = command.type === 'remove' || command.role !== 'admin';
  if (member.role === 'admin' && leavesAdmins && command.otherAdmins === 0) return refuse('member.last_admin');
  if (command.type === 'remove') return ok([{ type: 'member.removed', version: 1, data: { memberId: member.memberId } }]);
  if (command.role === member.role) return ok([]);
  return ok([{ type: 'member.role_changed', version: 1, data: { memberId: member.memberId, role: command.role } }]);
}

function add(command: MemberCommand & { type: 'add' }, member: Member): Result<readonly MemberFact[], MemberRefusal> {
  if (member.status !== 'absent') return refuse('member.exists');
  const name = command.name.trim();
  if (!isName(name)) return refuse('member.name_invalid');
  if (command.nameTaken) return refuse('member.name_taken');
  return ok([{ type: 'member.added', version: 1, data: { memberId: command.memberId, name, role: command.role } }]);
}

/** Whether a trimmed text can be a name: 1 to `LONGEST_NAME` characters, no control characters or lone surrogates. */
export function isName(text: string): boolean {
  return text !== '' && text.length <= LONGEST_NAME && !/[\p{Cc}\p{Cs}]/u.test(text);
}
