import type { DomainFact } from '@sallyport/domain-events';
import { branded, type MemberId } from '@sallyport/kernel';
import { scenario } from '@sallyport/kernel/testing';
import { describe, it } from 'vitest';

import { decideMember, type MemberCommand, type MemberRefusal } from './decide-member.js';
import { evolveMember, noMember, type Member } from './member.js';

const member = scenario<Member, MemberCommand, DomainFact, MemberRefusal>({ initial: noMember, evolve: evolveMember, decide: decideMember });
const memberId = branded<MemberId>('0199-member');
const added = (role: 'viewer' | 'admin'): DomainFact => ({ type: 'member.added', version: 1, data: { memberId, name: 'Ada', role } });
const removed: DomainFact = { type: 'member.removed', version: 1, data: { memberId } };

describe('member', () => {
  it('is added with its name trimmed', () => {
    member.given().when({ type: 'add', memberId, name: ' Ada ', role: 'admin', nameTaken: false }).produces(added('admin'));
  });

  it('is not added under a name that another member has', () => {
    member.given().when({ type: 'add', memberId, name: 'Ada', role: 'admin', nameTaken: true }).isRefused('member.name_taken');
  });

  it('needs a name that people can read', () => {
    for (const name of ['', '   ', 'A\u0000da', 'x'.repeat(101), 'A\ud800da']) {
      member.given().when({ type: 'add', memberId, name, role: 'admin', nameTaken: false }).isRefused('member.name_invalid');
    }
  });

  it('gets another role', () => {
    member.given(added('viewer')).when({ type: 'change-role', role: 'admin', otherAdmins: 1 })
      .produces({ type: 'member.role_changed', version: 1, data: { memberId, role: 'admin' } });
  });

  it('changes nothing when it is given the role it has', () => {
    member.given(added('viewer')).when({ type: 'change-role', role: 'viewer', otherAdmins: 1 }).produces();
  });

  it('stays admin as the last one', () => {
    member.given(added('admin')).when({ type: 'change-role', role: 'viewer', otherAdmins: 0 }).isRefused('member.last_admin');
    member.given(added('admin')).when({ type: 'remove', otherAdmins: 0 }).isRefused('member.last_admin');
  });

  it('goes when another admin is left', () => {
    member.given(added('admin')).when({ type: 'remove', otherAdmins: 1 }).produces(removed);
  });

  it('cannot be changed or removed again once removed', () => {
    member.given(added('viewer'), removed).when({ type: 'remove', otherAdmins: 1 }).isRefused('member.removed');
    member.given(added('viewer'), removed).when({ type: 'change-role', role: 'admin', otherAdmins: 1 }).isRefused('member.removed');
  });

  it('is unknown when nobody heard of it', () => {
    member.given().when({ type: 'remove', otherAdmins: 1 }).isRefused('member.unknown');
  });
});
