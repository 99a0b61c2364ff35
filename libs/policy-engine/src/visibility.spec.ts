import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compileGlob, compileHide } from './visibility.js';

describe('a glob', () => {
  it.each([
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*bc*c', 'abc', false],
    ['a*bc*c', 'abcc', true],
    ['*', '', true],
    ['**', 'x', true],
    ['a.c*', 'abc', false],
    ['*b*', 'abc', true],
    ['x', 'x', true],
    ['x', 'xy', false],
  ])('%s on %j: %s', (glob, name, wanted) => {
    expect(compileGlob(glob)(name)).toBe(wanted);
  });

  it('agrees with a backtracking matcher', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(letters, names, (glob, name) => {
        expect(compileGlob(glob)(name)).toBe(new RegExp(`^${glob.replaceAll('*', '[ab]*')}$`).test(name));
      }),
      { numRuns: 1_000 },
    );
  });

  it('hides together with exact names', () => {
    const hides = compileHide(['exact', 'pre_*']);
    expect(['exact', 'exactly', 'pre_x', 'pre'].filter(hides)).toEqual(['exact', 'pre_x']);
  });
});
