import { describe, expect, it } from 'vitest';

import { PatternCache } from '../conditions/pattern.js';
import { celCost } from './cel-cost.js';
import { parseCel } from './check-cel.js';

/** Every path holds 10 values and characters, 3 of them elements; one that ends in `big` holds 100, 20 of them elements. */
function cost(source: string): number {
  const parsed = parseCel(source);
  if (!parsed.ok) throw new Error(parsed.refusal);
  const sizeAt = (path: readonly string[]) => (path.at(-1) === 'big' ? { size: 100, count: 20 } : { size: 10, count: 3 });
  return celCost(parsed.value, sizeAt, new PatternCache());
}

describe('what an expression costs', () => {
  it.each([
    ['true', 1],
    ['"abc"', 1],
    ['args', 1],
    ['args.a', 2],
    ['args.a.b.c', 4],
    ['has(args.a.b)', 3],
    ['[args.a, 1]', 4],
    ['{"k": args.a}', 4],
    ['{args.a: 1}', 4],
    ['[args.a].k', 4],
  ])('is a step for each part: %s, %d', (source, steps) => {
    expect(cost(source)).toBe(steps);
  });

  it.each([
    ['args.a == 1', 15],
    ['args.a == true', 15],
    ['args.a == args.b', 25],
    ['"abcd" == "ab"', 9],
    ['args.a + args.b', 25],
    ['args.a - args.b', 25],
    ['size(args.a)', 13],
    ['!args.a', 13],
    ['"x" in args.a', 15],
    ['args.a.contains("x")', 15],
    ['args.a[0]', 15],
    ['args.a[0] == args.b[1]', 51],
    ['args.a ? args.b : args.c', 7],
    ['string(args.a) == "x"', 66],
    ['(args.a + args.b) == "x"', 48],
    ['(args.a - args.b) == "x"', 88],
  ])('is what a function is given to look at, and how much it makes: %s, %d', (source, steps) => {
    expect(cost(source)).toBe(steps);
  });

  it('is the size of a pattern for each character, and without bound for one that is not there to see', () => {
    expect([cost('args.a.matches("a")'), cost('args.a.matches("^[a-z]{50}$")'), cost('args.a.matches(args.b)'), cost('args.a.matches("(?=a)")')]).toEqual([37, 1138, Infinity, Infinity]);
  });

  it.each([
    ['args.a.all(x, true)', 56],
    ['args.a.all(x, x == 1)', 81],
    ['args.big.all(x, x == 1)', 460],
    ['args.a.all(x, x.k == 1)', 89],
    ['args.a.all(args, args == 1)', 81],
    ['args.a.exists(x, x == args.b)', 129],
    ['args.a.exists_one(x, x == 1)', 113],
    ['args.a.filter(x, x == 1)', 170],
    ['args.a.map(x, x)', 117],
    ['args.a.map(x, x).all(y, y == 1)', 221],
    ['args.a.map(x, [x, x]).all(y, y == 1)', 331],
    ['args.a.map(x, args.b).all(y, y == 1)', 387],
    ['size(args.a.map(x, [x, x]))', 246],
    ['[1, 2, 3].all(x, x == 1)', 77],
    ['(args.a + args.b).all(x, x == 1)', 165],
    ['(args.a ? args.b : args.c).all(x, x == 1)', 208],
    ['args.a[0].all(x, x == 1)', 213],
    ['{"a": args.a}.all(k, k == "a")', 68],
    ['[args.a].k.all(x, x == 1)', 238],
    ['{"k": args.big}.k.all(x, x == 1)', 1_877],
  ])('is that of a macro for each element it ranges over: %s, %d', (source, steps) => {
    expect(cost(source)).toBe(steps);
  });
});
