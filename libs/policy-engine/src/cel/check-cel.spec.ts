import { describe, expect, it } from 'vitest';

import { Compilation } from '../conditions/compilation.js';
import { aToolCall } from '../testing/a-tool-call.js';
import { checkCel, parseCel } from './check-cel.js';
import { compileCel } from './compile-cel.js';

const NAMES = 'There are args, identity, grant, server, tool, client, time, session, result.';
const FUNCTIONS =
  'There are size, contains, startsWith, endsWith, matches, int, uint, double, bool, string, bytes, type, dyn, timestamp, duration, getFullYear, getMonth, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear, getHours, getMinutes, getSeconds, getMilliseconds.';
const NEVER = 'This CEL expression is never true or false.';
const PATTERN = 'The pattern of "matches" must be written out as a text.';

/** What is said of an expression; a pattern with a bracket is refused as one. */
function said(source: string): string {
  const checked = checkCel(source, (pattern) => (pattern.includes('(') ? 'This is no pattern.' : undefined));
  return checked.ok ? 'good' : checked.refusal;
}

describe('what is said of an expression', () => {
  it.each([
    ['', 'This is not a CEL expression: it cannot be read from line 1, column 1.'],
    ['args.a ==', 'This is not a CEL expression: it cannot be read from line 1, column 8.'],
    ['args.aaaaaaaaaaaaaa ==', 'This is not a CEL expression: it cannot be read from line 1, column 21.'],
    ['arg.a', `There is no "arg". ${NAMES}`],
    ['b', `There is no "b". ${NAMES}`],
    ['[b] == 1', `There is no "b". ${NAMES}`],
    ['args[b]', `There is no "b". ${NAMES}`],
    ['{"a": b}.a', `There is no "b". ${NAMES}`],
    ['{b: 1}.a == 1', `There is no "b". ${NAMES}`],
    ['b.all(x, true)', `There is no "b". ${NAMES}`],
    ['args.a.all(x, b)', `There is no "b". ${NAMES}`],
    ['args.a.all(x, x) && x', `There is no "x". ${NAMES}`],
    ['x.all(x, true)', `There is no "x". ${NAMES}`],
    ['now()', `There is no function "now". ${FUNCTIONS}`],
    ['args.a.now()', `There is no function "now". ${FUNCTIONS}`],
    ['args.a.size(now())', `There is no function "now". ${FUNCTIONS}`],
    ['google.protobuf.Timestamp{}', 'Messages cannot be made here.'],
    ['args.a{b: 1}', 'Messages cannot be made here.'],
    ['args.a.matches(args.b)', PATTERN],
    ['args.a.matches(1)', PATTERN],
    ['matches(args.a, "a(")', 'This is no pattern.'],
    ['args.a.matches("a(")', 'This is no pattern.'],
    ['args.a.all(x, args.a.all(y, y.all(z, z.all(w, w.all(v, v)))))', 'Macros stand at most 4 deep within each other.'],
    ['args.a.all(a, args.a.all(b, args.a.all(c, args.a.all(d, a == b && c == d))))', 'This CEL expression costs more than a call may; use fewer macros within macros.'],
  ])('%s', (source, sentence) => {
    expect(said(source)).toBe(sentence);
  });

  it.each(['1 + 1', '1 - 1', '2 * 2', '2 / 2', '2 % 2', '-args.a', '"x"', 'b"x"', 'null', '1u', '1.5', '[true]', '{}', '{1: true}', 'size(args.a)', 'int("1")', 'uint("1")', 'double("1")', 'string(1)', 'bytes("a")', 'type(1)', 'timestamp("x")', 'duration("1s")'])(
    'is that it is never true or false: %s',
    (source) => {
      expect(said(source)).toBe(NEVER);
    },
  );

  it.each(['true', 'args.a', 'has(args.a)', 'args[0]', 'args.a ? true : false', 'dyn(args.a)', 'bool(args.a)', 'args.a.map(x, x)', 'args.a.all(a, a.all(b, b.all(c, c.all(d, d))))', 'args.a.matches("a")', 'matches(args.a, "a")', 'type(args.a) == int'])('is nothing: %s', (source) => {
    expect(said(source)).toBe('good');
  });
});

describe('how deep an expression may be', () => {
  const DEEP = 'A CEL expression is nested at most 32 levels deep.';
  it.each([
    ['brackets', (levels: number) => `${'('.repeat(levels)}true${')'.repeat(levels)}`],
    ['lists', (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)} == 1`],
    ['maps', (levels: number) => `${'{1:'.repeat(levels)}1${'}'.repeat(levels)} == 1`],
    ['negations', (levels: number) => `${'!'.repeat(levels)}true`],
    ['choices', (levels: number) => `${'true ? true : '.repeat(levels)}true`],
    ['negations within brackets', (levels: number) => `${'('.repeat(levels - 2)}!!true${')'.repeat(levels - 2)}`],
  ])('32 levels of %s, and no more', (_, nested) => {
    expect([said(nested(32)), said(nested(33))]).toEqual(['good', DEEP]);
  });

  it.each([
    ['brackets', '(true)'],
    ['lists', '([1] == [1])'],
    ['maps', '({1: 1} == {})'],
    ['negations', '!args.a'],
  ])('counts %s beside each other once', (_, each) => {
    expect(said(Array.from({ length: 33 }, () => each).join(' && '))).toBe('good');
  });

  it('does not go below the outermost level where brackets close that were never open', () => {
    expect(said(`${')'.repeat(10)}${'('.repeat(33)}`)).toBe(DEEP);
  });
});

describe('an expression that is run without a check', () => {
  const run = (source: string, stepsLeft: number): string => compileCel(source, new Compilation())(aToolCall({ args: { t: 'abc', n: 1 } }), { stepsLeft });

  it('is an error where it cannot be read', () => {
    expect(run('args.a ==', 1_000)).toBe('error');
    expect(parseCel('true').ok).toBe(true);
  });

  it('is run with just the steps it costs, and with none less', () => {
    expect([run('true', 10), run('true', 9), run('args.n == 1.0', 60), run('args.n == 1.0', 59)]).toEqual(['yes', 'error', 'yes', 'error']);
  });

  it('matches texts by the linear-time dialect alone', () => {
    expect([run('args.t.matches("^a")', 10_000), run('args.t.matches("^b")', 10_000), run('args.t.matches("(?=a)")', Infinity), run('args.n.matches("a")', 10_000)]).toEqual(['yes', 'no', 'error', 'error']);
  });

  it('is an error where it comes to neither true nor false', () => {
    expect([run('args.t', 1_000), run('args.n + 1.0', 1_000), run('args.gone', 1_000)]).toEqual(['error', 'error', 'error']);
  });
});
