import { ExactNumber, type JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { closestName, didYouMean } from './closest-name.js';
import { canonicalNumber, compareNumbers } from './compare-numbers.js';
import { FindingList, pointerToken } from './finding.js';
import { jsonEquals } from './json-equals.js';

describe('values', () => {
  it.each<[JsonValue, JsonValue, boolean]>([
    [1, 1, true], [1, 2, false], [1, new ExactNumber('1.0'), true], [new ExactNumber('1e0'), 1, true], [new ExactNumber('1e400'), new ExactNumber('10e399'), true], [1, '1', false], ['1', 1, false], [1, true, false], [0, -0, true], [1, [1], false], [1, null, false],
    ['a', 'a', true], ['a', 'b', false], [null, null, true], [null, {}, false], [{}, null, false], [null, 0, false], [true, true, true], [true, false, false], [false, null, false],
    [[], [], true], [[1], [1], true], [[1], [2], false], [[1], [1, 2], false], [[1, 2], [1], false], [[1, 2], [2, 1], false], [[1, 3], [1, 2], false], [[null], [], false], [[1], { 0: 1 }, false], [{ 0: 1 }, [1], false], [[], {}, false], [{}, [], false], [[1], 1, false],
    [{}, {}, true], [{ a: 1, b: 2 }, { b: 2, a: 1 }, true], [{ a: 1 }, { a: 2 }, false], [{ a: 1 }, { b: 1 }, false], [{ a: 1 }, { a: 1, b: 2 }, false], [{ a: 1, b: 2 }, { a: 1 }, false], [{ a: 1, b: 2 }, { a: 1, b: 3 }, false], [{ a: null }, {}, false], [{ a: { b: [1] } }, { a: { b: [1] } }, true], [{ a: { b: [1] } }, { a: { b: [2] } }, false], [{ constructor: 1 }, { a: 1 }, false],
  ])('%j equals %j: %s', (left, right, isEqual) => {
    expect([jsonEquals(left, right), jsonEquals(right, left)]).toEqual([isEqual, isEqual]);
  });

  it('are equal without regard to what is absent', () => {
    const withAbsent: JsonValue = Object.freeze({ a: 1, b: undefined });
    expect([jsonEquals(withAbsent, { a: 1 }), jsonEquals({ a: 1 }, withAbsent), jsonEquals(withAbsent, { a: 1, b: null }), jsonEquals({ a: 1, b: null }, withAbsent)]).toEqual([true, true, false, false]);
  });
});

describe('a canonical number', () => {
  const exact = (text: string) => new ExactNumber(text);
  it.each<[number | ExactNumber, string]>([
    [0, '0'], [-0, '0'], [exact('-0.00e7'), '0'], [1, '.1e1'], [-12.5, '-.125e2'], [exact('-12.50'), '-.125e2'], [exact('-1.25e1'), '-.125e2'], [exact('0.012'), '.12e-1'], [1e21, '.1e22'], [exact('100'), '.1e3'], [exact('5E+2'), '.5e3'], [Number.NaN, 'NaN'], [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('of %s is %s', (value, text) => {
    expect(canonicalNumber(value)).toBe(text);
  });

  it.each<[number | ExactNumber, number | ExactNumber, number | undefined]>([
    [1, 2, -1], [2, 1, 1], [2, 2, 0], [Number.NaN, Number.NaN, undefined], [1, exact('1.5'), -1], [exact('1.5'), 1, 1], [exact('15'), 15, 0], [exact('-1.5'), -1, -1], [exact('-15'), 15, -1], [15, exact('-15'), 1], [exact('0.0'), 5, -1], [5, exact('0.0'), 1], [exact('-5'), 0, -1], [exact('12'), 120, -1], [exact('129'), exact('13'), 1], [exact('1e-5'), exact('1e-4'), -1], [exact('x'), 1, undefined], [1, exact('x'), undefined],
  ])('%s and %s are in the order %s', (left, right, order) => {
    const found = compareNumbers(left, right);
    expect(found === undefined ? undefined : Math.sign(found)).toBe(order);
  });
});

describe('the nearest name', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['amuont', ['amount', 'currency'], 'amount'], ['AMOUNT', ['amount'], 'amount'], ['amount', ['amounts'], 'amounts'], ['amounts', ['amount'], 'amount'], ['ab', ['ac'], 'ac'], ['ab', ['cd'], undefined], ['abc', ['abd'], 'abd'], ['abc', ['ade'], undefined], ['abcdef', ['abcdxy'], 'abcdxy'], ['abcdef', ['abcxyz'], undefined], ['abcdefghi', ['abcdefxyz'], 'abcdefxyz'], ['abcdefghijkl', ['abcdefghwxyz'], undefined],
    ['abcdef', ['abcdefgh'], 'abcdefgh'], ['abcdef', ['abcdefghi'], undefined], ['abcdef', ['abcd'], 'abcd'], ['abcdef', ['abc'], undefined], ['kitten', ['sitting', 'mitten'], 'mitten'], ['kitten', ['mitten', 'bitten'], 'mitten'], ['aaa', [], undefined], ['', ['a'], 'a'], ['', ['ab'], undefined],
    ['x'.repeat(128), ['x'.repeat(127)], 'x'.repeat(127)], ['x'.repeat(129), ['x'.repeat(129)], undefined], ['x'.repeat(128), ['x'.repeat(131)], 'x'.repeat(131)],
  ])('to %s among %j is %s', (name, known, nearest) => {
    expect(closestName(name, known)).toBe(nearest);
    expect(didYouMean(name, known)).toBe(nearest === undefined ? undefined : `Did you mean "${nearest}"?`);
  });
});

describe('findings', () => {
  it('hold what they are given and nothing else, 100 at most', () => {
    const findings = new FindingList('warning');
    expect([findings.isEmpty, findings.isFull]).toEqual([true, false]);
    findings.add('bad_value', '/a', 'Wrong.');
    findings.add('bad_value', '/b', 'Wrong.', 'Write it.', [{ op: 'remove', path: '/b' }]);
    expect(findings.all()).toStrictEqual([
      { severity: 'warning', code: 'bad_value', pointer: '/a', message: 'Wrong.' },
      { severity: 'warning', code: 'bad_value', pointer: '/b', message: 'Wrong.', fix: 'Write it.', edit: [{ op: 'remove', path: '/b' }] },
    ]);
    for (let at = 2; at < 99; at += 1) findings.add('bad_value', `/${at}`, 'Wrong.');
    expect([findings.isEmpty, findings.isFull]).toEqual([false, false]);
    findings.add('bad_value', '/99', 'Wrong.');
    findings.add('bad_value', '/100', 'Wrong.');
    expect([findings.all().length, findings.isFull]).toEqual([100, true]);
  });

  it.each<[string | number, string]>([['a', 'a'], [5, '5'], ['a/b', 'a~1b'], ['a~b', 'a~0b'], ['~1/', '~01~1'], ['', '']])('point to %s as %s', (key, token) => {
    expect(pointerToken(key)).toBe(token);
  });
});
