import type { DomainFact, Role } from '@sallyport/domain-events';
import type { MemberId } from '@sallyport/kernel';

/** A person who signs in, as the events make them. */
export type Member =
  | { readonly status: 'absent' }
  | { readonly status: 'present' | 'removed'; readonly memberId: MemberId; readonly name: string; readonly role: Role };

/** Nobody yet. */
export const noMember: Member = { status: 'absent' };

/** What an event of the member's stream makes of the member. */
export function evolveMember(member: Member, fact: DomainFact): Member {
  switch (fact.type) {
    case 'member.added':
      return { status: 'present', memberId: fact.data.memberId, name: fact.data.name, role: fact.data.role };
    case 'member.role_changed':
      return member.status === 'absent' ? member : { ...member, role: fact.data.role };
    case 'member.removed':
      return member.status === 'absent' ? member : { ...member, status: 'removed' };
    default:
      return member;
  }
}
