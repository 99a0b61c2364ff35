import type { DomainFact, GrantIssued, GrantToken } from '@sallyport/domain-events';
import { branded, type EpochMs, type GrantId, type IdentityId, type PolicyId, type ServerId, type Sha256Hex, type TokenId } from '@sallyport/kernel';
import { scenario } from '@sallyport/kernel/testing';
import { describe, expect, it } from 'vitest';

import { decideGrant } from './decide-grant.js';
import { evolveGrant, noGrant } from './evolve-grant.js';
import type { Grant, GrantCommand, GrantRefusal } from './grant.js';

const grant = scenario<Grant, GrantCommand, DomainFact, GrantRefusal>({ initial: noGrant, evolve: evolveGrant, decide: decideGrant });
const DAY_MS = 86_400_000;
const now = branded<EpochMs>(Date.parse('2026-11-21T12:00:00.000Z'));
const at = (text: string) => branded<EpochMs>(Date.parse(text));
const grantId = branded<GrantId>('g1');
const parties = { identityId: branded<IdentityId>('i1'), serverId: branded<ServerId>('s1'), policyId: branded<PolicyId>('p1') };
const token = (letter: string): GrantToken => ({ tokenId: branded<TokenId>(letter), publicId: letter.repeat(8), secretHash: branded<Sha256Hex>(letter.repeat(64)) });

const issue = { type: 'issue', grantId, ...parties, labels: { env: 'prod' }, end: 'default', token: token('a'), now } as const;
const issued: GrantIssued = {
  type: 'grant.issued',
  version: 1,
  data: { grantId, ...parties, labels: { env: 'prod' }, expiresAt: '2027-02-19T12:00:00.000Z', token: token('a') },
};
const revoked: DomainFact = { type: 'grant.revoked', version: 1, data: { grantId, reason: 'left the team' } };
const expired: DomainFact = { type: 'grant.expired', version: 1, data: { grantId } };
const rotated = (letter: string, previousValidUntil: string): DomainFact => ({
  type: 'grant.token_rotated',
  version: 1,
  data: { grantId, token: token(letter), previousValidUntil },
});
const afterExpiry = at('2027-02-19T12:00:00.000Z');

describe('issuing a grant', () => {
  it('lasts 90 days when nothing is said', () => {
    grant.given().when(issue).produces(issued);
  });

  it('lasts as long as asked, or until the instant asked for', () => {
    const inAnHour: DomainFact = { ...issued, data: { ...issued.data, expiresAt: '2026-11-21T13:00:00.000Z' } };
    grant.given().when({ ...issue, end: { afterMs: 3_600_000 } }).produces(inAnHour);
    grant.given().when({ ...issue, end: { at: at('2026-11-21T13:00:00.000Z') } }).produces(inAnHour);
  });

  it('lasts 365 days at most, and not a millisecond more', () => {
    grant.given().when({ ...issue, end: { afterMs: 365 * DAY_MS } }).produces({ ...issued, data: { ...issued.data, expiresAt: '2027-11-21T12:00:00.000Z' } });
    grant.given().when({ ...issue, end: { afterMs: 365 * DAY_MS + 1 } }).isRefused({ code: 'grant.expiry_invalid', pointer: '/expiresIn' });
  });

  it.each([
    ['now', { at: now }, '/expiresAt'],
    ['in the past', { at: branded<EpochMs>(now - 1) }, '/expiresAt'],
    ['after no time', { afterMs: 0 }, '/expiresIn'],
    ['after a negative time', { afterMs: -1 }, '/expiresIn'],
    ['never', { at: branded<EpochMs>(Number.NaN) }, '/expiresAt'],
  ])('cannot end %s', (_, end, pointer) => {
    grant.given().when({ ...issue, end }).isRefused({ code: 'grant.expiry_invalid', pointer });
  });

  it('takes no bad labels', () => {
    grant.given().when({ ...issue, labels: { 'a b': '' } }).isRefused({ code: 'grant.label_invalid', pointer: '/labels/a b' });
  });

  it('happens once for an id', () => {
    grant.given(issued).when(issue).isRefused({ code: 'grant.exists', pointer: '' });
  });
});

describe('rotating a grant’s token', () => {
  const rotate = { type: 'rotate-token', token: token('b'), overlapMs: 0, now } as const;

  it('ends the old token at once when no overlap is asked for', () => {
    grant.given(issued).when(rotate).produces(rotated('b', '2026-11-21T12:00:00.000Z'));
  });

  it('keeps the old token for the overlap, 24 hours at most', () => {
    grant.given(issued).when({ ...rotate, overlapMs: DAY_MS }).produces(rotated('b', '2026-11-22T12:00:00.000Z'));
    grant.given(issued).when({ ...rotate, overlapMs: DAY_MS + 1 }).isRefused({ code: 'grant.overlap_invalid', pointer: '/overlap' });
    grant.given(issued).when({ ...rotate, overlapMs: -1 }).isRefused({ code: 'grant.overlap_invalid', pointer: '/overlap' });
    grant.given(issued).when({ ...rotate, overlapMs: Number.NaN }).isRefused({ code: 'grant.overlap_invalid', pointer: '/overlap' });
  });

  it('never lets the old token outlive the grant', () => {
    grant
      .given(issued)
      .when({ ...rotate, overlapMs: DAY_MS, now: at('2027-02-19T11:00:00.000Z') })
      .produces(rotated('b', '2027-02-19T12:00:00.000Z'));
  });

  it('is refused for a secret the grant has had', () => {
    grant.given(issued).when({ ...rotate, token: token('a') }).isRefused({ code: 'grant.token_unchanged', pointer: '' });
  });

  it('does not revive a revoked or expired grant', () => {
    grant.given(issued, revoked).when(rotate).isRefused({ code: 'grant.already_revoked', pointer: '/grant' });
    grant.given(issued, expired).when(rotate).isRefused({ code: 'grant.expired', pointer: '/grant' });
    grant.given(issued).when({ ...rotate, now: afterExpiry }).isRefused({ code: 'grant.expired', pointer: '/grant' });
  });

  it('without overlap also ends a token that an earlier rotation kept', () => {
    const state = [issued, rotated('b', '2026-11-22T12:00:00.000Z'), rotated('c', '2026-11-21T13:00:00.000Z')].reduce(evolveGrant, noGrant);
    expect(state).toMatchObject({
      tokens: [
        { publicId: 'cccccccc', validUntil: '2027-02-19T12:00:00.000Z' },
        { publicId: 'bbbbbbbb', validUntil: '2026-11-21T13:00:00.000Z' },
        { publicId: 'aaaaaaaa', validUntil: '2026-11-21T13:00:00.000Z' },
      ],
    });
  });
});

describe('revoking a grant', () => {
  it('keeps the reason', () => {
    grant.given(issued).when({ type: 'revoke', reason: 'left the team' }).produces(revoked);
    expect([issued, revoked].reduce(evolveGrant, noGrant)).toMatchObject({ status: 'revoked', revocationReason: 'left the team' });
  });

  it('works on an expired grant too, so that nobody has to ask first', () => {
    grant.given(issued, expired).when({ type: 'revoke', reason: 'left the team' }).produces(revoked);
  });

  it('happens once', () => {
    grant.given(issued, revoked).when({ type: 'revoke', reason: '' }).isRefused({ code: 'grant.already_revoked', pointer: '/grant' });
  });

  it.each(['x'.repeat(1_001), 'a\0b', 'a\ud800'])('does not take the reason %j', (reason) => {
    grant.given(issued).when({ type: 'revoke', reason }).isRefused({ code: 'grant.reason_invalid', pointer: '/reason' });
  });
});

describe('attaching a policy to a grant', () => {
  const other = branded<PolicyId>('p2');

  it('makes the grant follow it', () => {
    grant
      .given(issued)
      .when({ type: 'attach-policy', policyId: other, now })
      .produces({ type: 'grant.policy_attached', version: 1, data: { grantId, policyId: other } });
  });

  it('changes nothing when the grant follows it already', () => {
    grant.given(issued).when({ type: 'attach-policy', policyId: parties.policyId, now }).produces();
  });

  it('is refused once the grant has ended', () => {
    grant.given(issued, revoked).when({ type: 'attach-policy', policyId: other, now }).isRefused({ code: 'grant.already_revoked', pointer: '/grant' });
    grant.given(issued).when({ type: 'attach-policy', policyId: other, now: afterExpiry }).isRefused({ code: 'grant.expired', pointer: '/grant' });
  });
});

describe('the expiry of a grant', () => {
  it('is recorded once its time has come, and once only', () => {
    grant.given(issued).when({ type: 'expire', now: afterExpiry }).produces(expired);
    grant.given(issued, expired).when({ type: 'expire', now: afterExpiry }).produces();
  });

  it('is not recorded early, nor for a revoked grant', () => {
    grant.given(issued).when({ type: 'expire', now: branded<EpochMs>(afterExpiry - 1) }).produces();
    grant.given(issued, revoked).when({ type: 'expire', now: afterExpiry }).produces();
  });
});

describe('a grant nobody issued', () => {
  it.each([
    { type: 'rotate-token', token: token('b'), overlapMs: 0, now },
    { type: 'revoke', reason: '' },
    { type: 'attach-policy', policyId: parties.policyId, now },
    { type: 'expire', now },
  ] as const)('cannot be asked to $type', (command) => {
    grant.given().when(command).isRefused({ code: 'grant.unknown', pointer: '/grant' });
    expect(evolveGrant(noGrant, revoked)).toBe(noGrant);
  });
});
