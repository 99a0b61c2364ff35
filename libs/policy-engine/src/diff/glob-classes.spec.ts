import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compileGlob } from '../visibility.js';
import { GlobOrder, globClasses } from './glob-classes.js';

const said = (...globs: readonly string[]): readonly string[] | undefined => globClasses(globs)?.map((found) => [...found].join(' ')).sort();

describe('the classes of names that globs tell apart', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[], ['']],
    [['*'], ['*']],
    [['a*'], ['', 'a*']],
    [['a*', 'ab*'], ['', 'a*', 'a* ab*']],
    [['a*', 'b*'], ['', 'a*', 'b*']],
    [['a*', '*b'], ['', '*b', 'a*', 'a* *b']],
    [['a**', 'a*'], ['', 'a** a*']],
    [['ab*', '*ab', 'ab*ab'], ['', '*ab', 'ab*', 'ab* *ab', 'ab* *ab ab*ab']],
    [['*é*', 'é*'], ['', '*é*', '*é* é*']],
    [['😀*'], ['', '😀*']],
  ])('of %j are %j', (globs, classes) => {
    expect(said(...globs)).toEqual([...classes].sort());
  });

  it('are not told where they are more than 64, or too long in the finding', () => {
    const holding = (letters: string): readonly string[] => [...letters].map((letter) => `*${letter}*`);
    expect([globClasses(holding('abcdef'))?.length, globClasses(holding('abcdefg'))]).toEqual([64, undefined]);
    expect(globClasses(['*a'.repeat(150), '*b'.repeat(150)])).toBeUndefined();
  });

  it('hold every name as the globs themselves match it', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 5 });
    const names = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });
    fc.assert(
      fc.property(fc.array(glob, { maxLength: 4 }), fc.array(names, { minLength: 20, maxLength: 20 }), (globs, tried) => {
        const classes = new Set(said(...globs));
        for (const name of tried) expect(classes).toContain([...new Set(globs)].filter((each) => compileGlob(each)(name)).join(' '));
      }),
    );
  });
});

describe('a glob within another', () => {
  it.each<[string, string, boolean]>([
    ['ab*', 'a*', true],
    ['a*', 'ab*', false],
    ['a*b', '*b', true],
    ['a*', 'a*', true],
    ['a', 'a*', true],
    ['a*', 'a', false],
    ['a', 'a', true],
    ['b', 'a', false],
    ['ab*', '*b', false],
    ['a*c*b', 'a*b', true],
    ['*', '**', true],
    ['*', '*a*', false],
    ['ab*ab', 'ab*', true],
  ])('%s within %s: %s', (narrow, wide, is) => {
    const order = new GlobOrder();
    expect([order.isWithin(narrow, wide), order.isWithin(narrow, wide)]).toEqual([is, is]);
  });

  it('is not claimed where that is too long in the finding, and then of no others but those that were told before', () => {
    const [ofA, ofB] = ['*a'.repeat(500), '*b'.repeat(500)];
    const order = new GlobOrder();
    const asked = (): readonly boolean[] => [order.isWithin('*a*b*', '*a*'), order.isWithin(`${ofA}${ofB}`, ofB), order.isWithin('*a*b', '*b'), order.isWithin('ab', 'a*')];
    expect(asked()).toEqual([true, false, false, true]);
    expect(asked()).toEqual([true, false, false, true]);
    expect(new GlobOrder().isWithin('*a*b', '*b')).toBe(true);
  });
});
