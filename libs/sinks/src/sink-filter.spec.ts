import { describe, expect, it } from 'vitest';

import { EVERYTHING, filterProblems, letsThrough } from './sink-filter.js';

const denied = { type: 'call.decided', outcome: 'denied' };
const drift = { type: 'definition.drift', outcome: null };

describe('a filter', () => {
  it('lets through types by name and by how they begin, and outcomes by name', () => {
    expect([denied, drift].map(letsThrough(EVERYTHING))).toEqual([true, true]);
    expect([denied, drift].map(letsThrough({ types: ['call.*'], outcomes: [] }))).toEqual([true, false]);
    expect([denied, drift].map(letsThrough({ types: ['definition.drift'], outcomes: [] }))).toEqual([false, true]);
    expect([denied, drift].map(letsThrough({ types: ['*'], outcomes: ['denied'] }))).toEqual([true, false]);
    expect(letsThrough({ types: ['call.*'], outcomes: [] })({ type: 'caller.x', outcome: null })).toBe(false);
  });

  it('is refused with every pattern that means nothing', () => {
    const problems = filterProblems({ types: ['call.*', 'c*ll', 'CALL.x', '**', 'admin.grant.*'], outcomes: ['denied', 'no way'] });
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/types/1', '/types/2', '/types/3', '/outcomes/1']);
    expect(filterProblems({ types: Array.from({ length: 65 }, () => 'call.*'), outcomes: [] })).toHaveLength(1);
  });
});
