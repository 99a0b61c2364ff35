import { branded, type EpochMs, type JsonObject } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import type { Condition, Path, PathStep } from '../document.js';
import { aToolCall } from '../testing/a-tool-call.js';
import type { ToolCall } from '../verdict.js';
import { allOf, anyOf, compileCondition } from './compile-condition.js';
import { Compilation } from './compilation.js';
import { describeCondition } from './describe-condition.js';
import { compileReadEach, compileReadOne, plainArgument } from './read-path.js';
import { seeConditions } from './see-condition.js';
import { isTimezone, zoneOffset } from './timezone.js';
import { MAX_STEPS, type Truth } from './truth.js';
import { dateOf, hourOf, instantOf, weekdayOf } from './utc-time.js';

const steps = (path: readonly (string | number)[]): readonly PathStep[] =>
  path.map((step) => {
    if (typeof step === 'number') return { kind: 'index', index: step };
    if (step === '*') return { kind: 'each' };
    return step.startsWith('/') ? { kind: 'token', token: step.slice(1) } : { kind: 'key', key: step };
  });
const pathOf = (root: Path['root'], ...path: readonly (string | number)[]): Path => ({ text: [root, ...path].join('.'), form: 'dotted', root, steps: steps(path) });
const args = (...path: readonly (string | number)[]) => pathOf('args', ...path);
const given = (value: JsonObject): ToolCall => aToolCall({ args: value });
const compilation = new Compilation();
const truthOf = (condition: Condition, call: ToolCall) => compileCondition(condition, compilation)(call, { stepsLeft: MAX_STEPS });
const is = (path: Path, op: Extract<Condition, { kind: 'comparison' }>['op'], value: Extract<Condition, { kind: 'comparison' }>['value']): Condition => ({ kind: 'comparison', path, op, value });

describe('conditions that are joined', () => {
  const tests = (truths: string) => truths.split(' ').filter((each) => each !== '').map((truth) => () => truth as Truth);
  it.each([
    ['', 'yes', 'no'], ['yes', 'yes', 'yes'], ['no', 'no', 'no'], ['unknown', 'unknown', 'unknown'], ['error', 'error', 'error'], ['yes yes', 'yes', 'yes'], ['yes no', 'no', 'yes'], ['no yes', 'no', 'yes'], ['no no', 'no', 'no'], ['yes unknown', 'unknown', 'yes'], ['unknown yes', 'unknown', 'yes'], ['unknown no', 'no', 'unknown'], ['no unknown', 'no', 'unknown'],
    ['yes error', 'error', 'yes'], ['error yes', 'error', 'error'], ['no error', 'no', 'error'], ['error no', 'error', 'error'], ['unknown error', 'error', 'error'], ['error unknown', 'error', 'error'], ['unknown unknown', 'unknown', 'unknown'],
  ])('"%s": all %s, any %s', (truths, all, any) => {
    const call = given({});
    expect([allOf(tests(truths))(call, { stepsLeft: 0 }), anyOf(tests(truths))(call, { stepsLeft: 0 })]).toEqual([all, any]);
  });
});

describe('a path to several values', () => {
  const prices = args('l', '*', 'p');
  const list = (...values: readonly unknown[]) => given({ l: values as JsonObject[] });
  it.each<[string, Condition, ToolCall, Truth]>([
    ['holds when any does', is(prices, 'gt', 5), list({ p: 1 }, { p: 9 }), 'yes'],
    ['fails when none does', is(prices, 'gt', 5), list({ p: 1 }, { p: 2 }), 'no'],
    ['is unknown where one has none', is(prices, 'gt', 5), list({ p: 1 }, {}), 'unknown'],
    ['is unknown where the first has none', is(prices, 'gt', 5), list({}, { p: 1 }), 'unknown'],
    ['is unknown where one is of another type', is(prices, 'gt', 5), list({ p: 1 }, { p: 'x' }, { p: 2 }), 'unknown'],
    ['holds beside one of another type', is(prices, 'gt', 5), list({ p: 'x' }, { p: 9 }), 'yes'],
    ['is unknown of an empty list', is(prices, 'gt', 5), list(), 'unknown'],
    ['is unknown of no list', is(prices, 'gt', 5), given({ l: 5 }), 'unknown'],
    ['fails at the first that cannot be tested', is(prices, 'regex', '('), list({ p: 'a' }), 'error'],
    ['is there where any is', is(prices, 'exists', true), list({}, { p: 1 }), 'yes'],
    ['is not there where none is', is(prices, 'exists', true), list({}, { p: null }), 'no'],
    ['is not there in an empty list', is(prices, 'exists', false), list(), 'yes'],
    ['is there in some', is(prices, 'exists', false), list({ p: 1 }, {}), 'no'],
  ])('%s', (_what, condition, call, truth) => {
    expect(truthOf(condition, call)).toBe(truth);
  });
});

describe('a path to one value', () => {
  const call = aToolCall({ args: { a: { b: [{ c: 1 }, 2] }, '0': 'zero', n: null }, identity: { id: 'i', kind: 'agent', name: 'n', labels: { team: 'ops', 'a.b': 'x' }, groups: ['g', 'h'] } });
  it.each<[string, Path, unknown]>([
    ['the arguments', args(), call.args],
    ['an argument', args('0'), 'zero'],
    ['null', args('n'), null],
    ['a member', args('a', 'b', 0, 'c'), 1],
    ['an element', args('a', 'b', 1), 2],
    ['past the end', args('a', 'b', 2), undefined],
    ['an index of an object', args('a', 0), undefined],
    ['a name of a list', args('a', 'b', 'length'), undefined],
    ['a name of a text', args('0', 'length'), undefined],
    ['what every object has', args('constructor'), undefined],
    ['what every object has, further in', args('a', 'toString'), undefined],
    ['a token of an object', args('/0'), 'zero'],
    ['a token of a list', args('a', 'b', '/1'), 2],
    ['a token with a zero before', args('a', 'b', '/01'), undefined],
    ['a token that is a name', args('a', 'b', '/length'), undefined],
    ['past what is not there', args('x', 'y', 'z'), undefined],
    ['a label', pathOf('identity.labels', 'team'), 'ops'],
    ['a label with a dot', pathOf('identity.labels', 'a.b'), 'x'],
    ['groups', pathOf('identity.groups'), ['g', 'h']],
    ['an annotation of a tool without labels', pathOf('tool.annotations', 'readOnlyHint'), undefined],
    ['a category of a tool without labels', pathOf('tool.category'), undefined],
    ['no number of calls', pathOf('session.calls'), undefined],
    ['a list as one, as far as it is one', args('a', '*'), undefined],
  ])('%s', (_what, path, value) => {
    expect(compileReadOne(path, compilation)(call)).toEqual(value);
  });

  it('is read directly only where it is an argument by a name of its own', () => {
    expect([args('a'), args('a', 'b'), args(0), args('/a'), args('*'), args(), args('constructor'), pathOf('result', 'a'), pathOf('identity.labels', 'a')].map(plainArgument)).toEqual(['a', undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined]);
    expect(truthOf(is(args('constructor'), 'exists', true), call)).toBe('no');
    expect(truthOf(is(args('constructor'), 'neq', 'x'), call)).toBe('unknown');
  });

  it('names every element where there are several', () => {
    const each = (path: Path) => compileReadEach(path, compilation)(call);
    expect([each(args('a', 'b', '*')), each(args('a', 'b', '*', 'c')), each(args('a', '*')), each(args('x', '*')), each(args('n'))]).toEqual([[{ c: 1 }, 2], [1, undefined], [undefined], [undefined], [null]]);
  });
});

describe('a condition in words', () => {
  const wide = (length: number) => is(args('a'), 'eq', 'x'.repeat(length));
  it.each<[Condition, string]>([
    [is(args('a'), 'gt', 5), 'args.a gt 5'],
    [{ kind: 'all', conditions: [is(args('a'), 'gt', 5), is(args('b'), 'exists', true)] }, '(args.a gt 5 and args.b exists true)'],
    [{ kind: 'any', conditions: [is(args('a'), 'eq', 'x'), is(args('b'), 'in', [1, null])] }, '(args.a eq "x" or args.b in [1,null])'],
    [{ kind: 'not', condition: is(args('a'), 'gt', 5) }, 'not (args.a gt 5)'],
    [{ kind: 'cel', source: 'args.a > "x"' }, 'cel "args.a > \\"x\\""'],
    [wide(78), `args.a eq "${'x'.repeat(78)}"`],
    [wide(79), `args.a eq "${'x'.repeat(79)}…`],
    [wide(80), `args.a eq "${'x'.repeat(79)}…`],
    [{ kind: 'cel', source: 'x'.repeat(80) }, `cel "${'x'.repeat(80)}"`],
    [{ kind: 'cel', source: 'x'.repeat(81) }, `cel "${'x'.repeat(80)}…"`],
  ])('%j', (condition, said) => {
    expect(describeCondition(condition)).toBe(said);
  });
});

describe('what a condition saw', () => {
  const seen = (path: Path, call: ToolCall, reveals: boolean) => seeConditions([is(path, 'exists', true)], { call, reveals, compilation })[0]?.saw;
  it.each<[Path, JsonObject, string, string]>([
    [args('a'), {}, 'nothing', 'nothing'],
    [args('a'), { a: null }, 'null', 'null'],
    [args('a'), { a: 5 }, 'a number', '5'],
    [args('a'), { a: false }, 'true or false', 'false'],
    [args('a'), { a: 'secret' }, 'a text of 6 characters', '"secret"'],
    [args('a'), { a: { b: 1, c: 2 } }, 'an object of 2 members', '{"b":1,"c":2}'],
    [args('a'), { a: [1, 2, 3] }, 'a list of 3 elements', '[1,2,3]'],
    [args('a', '*'), { a: [] }, 'an empty list', 'an empty list'],
    [args('a', '*'), { a: [1, 'b'] }, 'a number, a text of 1 characters', '1, "b"'],
    [args('a', '*'), { a: [1, 2, 3, 4, 5] }, 'a number, a number, a number, a number, a number', '1, 2, 3, 4, 5'],
    [args('a', '*'), { a: [1, 2, 3, 4, 5, 6] }, 'a number, a number, a number, a number, a number and 1 more', '1, 2, 3, 4, 5 and 1 more'],
    [args('a'), { a: 'x'.repeat(78) }, 'a text of 78 characters', `"${'x'.repeat(78)}"`],
    [args('a'), { a: 'x'.repeat(79) }, 'a text of 79 characters', `"${'x'.repeat(79)}…`],
  ])('%j of %j', (path, value, hidden, revealed) => {
    expect([seen(path, given(value), false), seen(path, given(value), true)]).toEqual([hidden, revealed]);
  });

  it('is shown of what is no argument and no answer', () => {
    expect(seen(pathOf('identity.id'), given({}), false)).toBe('"identity-1"');
    expect(seen(pathOf('result', 'a'), { ...given({}), result: { a: 'x' } }, false)).toBe('a text of 1 characters');
  });

  it('is told of what could not be evaluated as unknown, and of the parts of a group', () => {
    const broken = is(args('a'), 'regex', '(');
    expect(seeConditions([{ kind: 'all', conditions: [broken, is(args('b'), 'eq', 1)] }, { kind: 'not', condition: broken }], { call: given({ a: 'x' }), reveals: false, compilation })).toEqual([
      { what: '(args.a regex "(" and args.b eq 1)', held: 'unknown', saw: null, of: [{ what: 'args.a regex "("', held: 'unknown', saw: 'a text of 1 characters', of: [] }, { what: 'args.b eq 1', held: 'unknown', saw: 'nothing', of: [] }] },
      { what: 'not (args.a regex "(")', held: 'unknown', saw: null, of: [{ what: 'args.a regex "("', held: 'unknown', saw: 'a text of 1 characters', of: [] }] },
    ]);
  });
});

describe('a time zone', () => {
  const at = (text: string) => Date.parse(text);
  it.each([
    ['UTC', '2026-07-01T00:00:00Z', 0], ['Etc/GMT', '2026-07-01T00:00:00Z', 0], ['Europe/Berlin', '2026-07-01T00:00:00Z', 7_200_000], ['Europe/Berlin', '2026-01-01T00:00:00Z', 3_600_000], ['europe/berlin', '2026-01-01T00:00:00Z', 3_600_000], ['America/New_York', '2026-01-01T00:00:00Z', -18_000_000], ['Asia/Kathmandu', '2026-01-01T00:00:00Z', 20_700_000], ['America/St_Johns', '2026-01-01T00:00:00Z', -12_600_000],
    ['Africa/Monrovia', '1971-01-01T00:00:00Z', -2_670_000],
  ])('%s at %s is %i ms ahead', (zone, instant, offset) => {
    expect(zoneOffset(zone)(at(instant))).toBe(offset);
  });

  it('changes its clocks to the quarter of an hour, asked in any order', () => {
    const berlin = zoneOffset('Europe/Berlin');
    const change = at('2026-03-29T01:00:00Z');
    expect([change - 1, change, change + 899_999, change - 900_000, change].map(berlin)).toEqual([3_600_000, 7_200_000, 7_200_000, 3_600_000, 7_200_000]);
    expect([berlin(Number.NaN), berlin(1e300), zoneOffset(undefined)(1e300)]).toEqual([undefined, undefined, 0]);
  });

  it.each([['UTC', true], ['Europe/Berlin', true], ['europe/berlin', true], ['Etc/GMT+5', true], ['Mars/Olympus', false], ['+01:00', false], ['', false], ['Europe/', false], ['Europe Berlin', false]])('%s is one: %s', (name, isOne) => {
    expect(isTimezone(name)).toBe(isOne);
    expect(isTimezone(name)).toBe(isOne);
  });

  it('tells hour, weekday and date', () => {
    const told = (text: string) => [hourOf(at(text)), weekdayOf(at(text)), dateOf(at(text)), instantOf(at(text))];
    expect(told('2026-11-22T23:59:59.999Z')).toEqual([23, 'sunday', '2026-11-22', '2026-11-22T23:59:59Z']);
    expect(told('1969-12-31T00:00:00Z')).toEqual([0, 'wednesday', '1969-12-31', '1969-12-31T00:00:00Z']);
    expect([dateOf(Number.NaN), instantOf(1e300)]).toEqual([undefined, undefined]);
    const read = (root: Path['root'], zone: string) => compileReadOne(pathOf(root), new Compilation(zone))(aToolCall({ atMs: branded<EpochMs>(at('2026-11-22T23:30:00Z')) }));
    expect([read('time.hour', 'Europe/Berlin'), read('time.weekday', 'Europe/Berlin'), read('time.date', 'Europe/Berlin'), read('time.hour', 'UTC')]).toEqual([0, 'monday', '2026-11-23', 23]);
    const outside = (root: Path['root']) => compileReadOne(pathOf(root), new Compilation('Europe/Berlin'))(aToolCall({ atMs: branded<EpochMs>(1e300) }));
    expect([outside('time.hour'), outside('time.date')]).toEqual([undefined, undefined]);
  });
});
