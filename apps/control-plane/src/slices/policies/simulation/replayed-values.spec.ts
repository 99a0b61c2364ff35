import type { Role } from '@sallyport/domain-events';
import { branded, type EpochMs, type MemberId, type OrganisationId, type TokenId } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { Caller } from '../../../platform/identity/caller.js';
import { mayReplayValues } from './replayed-values.js';

const home = branded<OrganisationId>('01930000-0000-7000-8000-000000000001');
const other = branded<OrganisationId>('01930000-0000-7000-8000-000000000002');

const caller = (role: Role, more: Partial<Caller> = {}): Caller => ({
  organisationId: home, homeOrganisationId: home, role, operator: false, tokenExpiresAt: branded<EpochMs>(1),
  memberId: branded<MemberId>('01930000-0000-7000-8000-000000000003'), tokenId: branded<TokenId>('01930000-0000-7000-8000-000000000004'), ...more,
});

describe('kept values in a simulation', () => {
  it('are asked by whom reveals are open to: auditors and admins', () => {
    const roles: readonly Role[] = ['viewer', 'policy_manager', 'auditor', 'admin'];
    expect(roles.filter((role) => mayReplayValues(caller(role)))).toEqual(['auditor', 'admin']);
  });

  it('are nothing to an operator who is no member, though an admin there, nor to nobody', () => {
    expect(mayReplayValues(caller('admin', { homeOrganisationId: other, operator: true }))).toBe(false);
    expect(mayReplayValues(undefined)).toBe(false);
  });
});
