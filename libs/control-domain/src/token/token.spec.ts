import type { DomainFact, Role } from '@sallyport/domain-events';
import { branded, type EpochMs, type MemberId, type Sha256Hex, type TokenId } from '@sallyport/kernel';
import { scenario } from '@sallyport/kernel/testing';
import { describe, it } from 'vitest';

import { decideToken, type TokenCommand, type TokenRefusal } from './decide-token.js';
import { evolveToken, noToken, type AdminToken } from './token.js';

const token = scenario<AdminToken, TokenCommand, DomainFact, TokenRefusal>({ initial: noToken, evolve: evolveToken, decide: decideToken });
const now = branded<EpochMs>(Date.parse('2026-11-21T00:00:00.000Z'));
const data = {
  tokenId: branded<TokenId>('t1'),
  memberId: branded<MemberId>('m1'),
  role: 'policy_manager' as Role,
  operator: false,
  publicId: 'abcdefgh',
  secretHash: branded<Sha256Hex>('00'),
  label: 'laptop',
  expiresAt: '2027-02-19T00:00:00.000Z',
};
const issue = (change: Partial<typeof data>, roles: { issuerRole?: Role; memberRole?: Role } = {}): TokenCommand => ({
  type: 'issue', token: { ...data, ...change }, issuerRole: 'admin', memberRole: 'admin', now, ...roles,
});
const issued: DomainFact = { type: 'token.issued', version: 1, data };
const revoked: DomainFact = { type: 'token.revoked', version: 1, data: { tokenId: data.tokenId, reason: 'lost' } };

describe('admin token', () => {
  it('is issued', () => {
    token.given().when(issue({})).produces(issued);
  });

  it('never exceeds the role of whoever makes it, nor of the member it is for', () => {
    token.given().when(issue({ role: 'admin' }, { issuerRole: 'policy_manager' })).isRefused('token.role_too_high');
    token.given().when(issue({ role: 'admin' }, { memberRole: 'viewer' })).isRefused('token.role_too_high');
    token.given().when(issue({ role: 'auditor' }, { memberRole: 'policy_manager' })).isRefused('token.role_too_high');
  });

  it('lives at least a moment and at most a year', () => {
    for (const expiresAt of ['2026-11-21T00:00:00.000Z', '2020-01-01T00:00:00.000Z', '2027-11-21T00:00:00.001Z', 'never']) {
      token.given().when(issue({ expiresAt })).isRefused('token.expiry_invalid');
    }
    token.given().when(issue({ expiresAt: '2027-11-21T00:00:00.000Z' }))
      .produces({ type: 'token.issued', version: 1, data: { ...data, expiresAt: '2027-11-21T00:00:00.000Z' } });
  });

  it('has a short label of readable characters', () => {
    token.given().when(issue({ label: 'x'.repeat(101) })).isRefused('token.label_invalid');
    token.given().when(issue({ label: 'a\nb' })).isRefused('token.label_invalid');
  });

  it('keeps the reason when it is revoked', () => {
    token.given(issued).when({ type: 'revoke', reason: 'lost' }).produces(revoked);
  });

  it('is revoked once', () => {
    token.given(issued, revoked).when({ type: 'revoke', reason: 'again' }).isRefused('token.already_revoked');
  });

  it('is unknown when nobody heard of it', () => {
    token.given().when({ type: 'revoke', reason: '' }).isRefused('token.unknown');
  });
});
