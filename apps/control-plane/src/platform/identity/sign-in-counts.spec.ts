import { branded, type EpochMs } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { SignInCounts, type TokenOwner } from './sign-in-counts.js';

const at = (ms: number) => branded<EpochMs>(ms);
const ownerOf = (token: string): TokenOwner => ({ organisationId: branded('o'), memberId: branded('m'), memberName: 'Ada', tokenId: branded(token), roles: ['admin'] });

describe('counted sign-ins', () => {
  it('tell a token once for each source and hour', () => {
    const counts = new SignInCounts();
    for (const [token, source, ms] of [['t', '::1', 0], ['t', '::1', 5], ['t', '::2', 6], ['u', '::1', 7], ['t', '::1', 3_599_999], ['t', '::1', 3_600_000]] as const) {
      counts.noteAccepted(ownerOf(token), source, at(ms));
    }
    expect(counts.takeAccepted().map(({ owner, source, at: ms }) => [owner.tokenId, source, ms])).toEqual([['t', '::1', 0], ['t', '::2', 6], ['u', '::1', 7], ['t', '::1', 3_600_000]]);
    expect(counts.takeAccepted()).toEqual([]);
  });

  it('count refusals of one source, reason and known token together, with the first and the last', () => {
    const counts = new SignInCounts();
    counts.noteRefused('unknown', null, { source: '::1', at: at(1) });
    counts.noteRefused('unknown', null, { source: '::1', at: at(2) });
    counts.noteRefused('expired', ownerOf('t'), { source: '::1', at: at(3) });
    expect(counts.takeRefused()).toEqual([
      { reason: 'unknown', owner: null, source: '::1', count: 2, firstAt: 1, lastAt: 2 },
      { reason: 'expired', owner: ownerOf('t'), source: '::1', count: 1, firstAt: 3, lastAt: 3 },
    ]);
    expect(counts.takeRefused()).toEqual([]);
  });

  it('take a bounded room in a storm of sources, and lose no count', () => {
    const counts = new SignInCounts();
    for (let n = 0; n < 50_000; n += 1) counts.noteRefused('unknown', null, { source: `10.${n}`, at: at(n) });
    const refused = counts.takeRefused();
    expect(refused).toHaveLength(1_001);
    expect(refused.at(-1)).toMatchObject({ source: null, reason: 'unknown', count: 49_000, lastAt: 49_999 });
    expect(refused.reduce((sum, { count }) => sum + count, 0)).toBe(50_000);
  });
});
