import type { JsonValue } from '@sallyport/kernel';
import { describe, expect, it } from 'vitest';

import { Compilation } from '../conditions/compilation.js';
import { compileCondition } from '../conditions/compile-condition.js';
import type { Comparison, Condition, Op } from '../document.js';
import { aComparison, aCondition, conditionsOf } from '../testing/a-condition.js';
import { aToolCall } from '../testing/a-tool-call.js';
import type { ToolCall } from '../verdict.js';
import { ConditionDiagrams } from './condition-diagrams.js';
import { Diagram } from './diagram.js';
import { TRUTH } from './truths.js';

/** For each condition, the first in the list that it is the same as. */
const firstAlike = (marks: readonly (string | number)[]): readonly number[] => marks.map((mark) => marks.indexOf(mark));

function byDiagram(conditions: readonly Condition[]): readonly number[] {
  const diagrams = new ConditionDiagrams(new Diagram(), conditions);
  return firstAlike(conditions.map((each) => diagrams.truthOf(each)));
}

function byCalls(conditions: readonly Condition[], calls: readonly ToolCall[]): readonly number[] {
  const tests = conditions.map((each) => compileCondition(each, new Compilation()));
  return firstAlike(tests.map((test) => calls.map((call) => test(call, { stepsLeft: 10_000 })).join()));
}

/** That a diagram holds the same conditions to be one function as calls do. */
function expectSame(conditions: readonly Condition[], calls: readonly ToolCall[]): void {
  expect(byDiagram(conditions)).toEqual(byCalls(conditions, calls));
}

const withNegations = (conditions: readonly Condition[]): readonly Condition[] => conditions.flatMap((condition) => [condition, { kind: 'not' as const, condition }]);
const pairsOf = (conditions: readonly Condition[]): readonly (readonly Condition[])[] => conditions.flatMap((left, index) => conditions.slice(index + 1).map((right) => [left, right]));
const all = (path: string, rows: readonly (readonly [Op, readonly JsonValue[]])[]): readonly Comparison[] => rows.flatMap(([op, values]) => values.map((value) => aComparison(path, op, value)));

describe('conditions on one value', () => {
  const VALUES: readonly (JsonValue | undefined)[] = [undefined, null, true, false, 0, 1, 1.5, 2, 3, '', 'a', 'b', 'ab', 'abc', 'abcd', [], [1], [5], [1, 2], [1, 2, 3], [1, 2, 3, 4], {}, { k: 1 }, { k: 2 }];
  const CALLS = VALUES.map((value) => aToolCall({ args: value === undefined ? {} : { x: value } }));
  const CONDITIONS = all('args.x', [
    ['eq', [null, true, 1, 2, 'a', [1], { k: 1 }]],
    ['neq', [null, 1, 'a']],
    ['in', [[1, 'a'], [2, 1], [null, true], ['a', 1, 1]]],
    ['not_in', [[1, 'a'], ['a', 1], [1]]],
    ['lt', [1, 2]],
    ['lte', [1, 2]],
    ['gt', [1, 2]],
    ['gte', [1, 2]],
    ['exists', [true, false]],
    ['length_gt', [-1, 0, 1, 1.5, 2]],
    ['length_lt', [0, 1, 1.5, 2, 3]],
  ]);

  it('are the same function exactly when they are the same of every value', () => {
    expectSame(withNegations(CONDITIONS), CALLS);
  });

  it('are so whatever other conditions they are compared with', () => {
    for (const pair of pairsOf(CONDITIONS)) expectSame(pair, CALLS);
  });

  it('are so joined with each other', () => {
    const pairs = pairsOf(CONDITIONS.filter((_, index) => index % 5 === 0));
    const joined = pairs.flatMap((conditions): readonly Condition[] => [{ kind: 'all', conditions }, { kind: 'any', conditions }]);
    expectSame(joined, CALLS);
  });
});

describe('conditions on any of several values', () => {
  const ITEMS: readonly JsonValue[] = [{}, { k: null }, { k: true }, { k: 1 }, { k: 1.5 }, { k: 2 }, { k: 3 }, { k: 'a' }, { k: 'b' }, { k: [] }, 5];
  const LISTS: readonly JsonValue[] = [[], ...ITEMS.map((each) => [each]), ...ITEMS.flatMap((left) => ITEMS.map((right) => [left, right]))];
  const CALLS = [aToolCall({ args: {} }), ...LISTS.map((x) => aToolCall({ args: { x } }))];
  const CONDITIONS = all('args.x[*].k', [
    ['eq', [null, 1, 'a']],
    ['neq', [1, 'a']],
    ['in', [[1, 'a'], ['a', 1], [2]]],
    ['not_in', [[1, 'a'], [2]]],
    ['lt', [1, 2]],
    ['lte', [1]],
    ['gt', [2]],
    ['gte', [2]],
    ['exists', [true, false]],
  ]);

  it('are the same function exactly when they are the same of every list', () => {
    expectSame(withNegations(CONDITIONS), CALLS);
  });

  it('are so whatever other conditions they are compared with', () => {
    for (const pair of pairsOf(CONDITIONS)) expectSame(pair, CALLS);
  });

  it('are so joined with each other', () => {
    const items = ITEMS.filter((_, index) => index % 2 === 1 || index === 0);
    const lists = items.flatMap((one) => items.flatMap((two) => items.map((three) => [one, two, three])));
    const pairs = pairsOf(CONDITIONS.filter((_, index) => index % 3 === 0));
    const joined = pairs.flatMap((conditions): readonly Condition[] => [{ kind: 'all', conditions: withNegations(conditions).slice(0, 3) }, { kind: 'any', conditions }]);
    expectSame(joined, [...CALLS, ...lists.map((list) => aToolCall({ args: { x: list } }))]);
  });
});

describe('what is not looked into', () => {
  const alike = (left: object, right: object): boolean => new Set(byDiagram(conditionsOf(left, right))).size === 1;
  const x = (op: string, value: unknown, path: unknown = 'args.x'): object => ({ path, op, value });

  it.each([
    ['a pattern as it is written', x('regex', '^a'), x('regex', '^a'), x('regex', '^[a]')],
    ['a part of a text or of a list', x('contains', 'a'), x('contains', 'a'), x('contains', 'b')],
    ['a part that is no text', x('contains', 1), x('contains', 1.0), x('contains', 2)],
    ['the beginning of a text', x('starts_with', 'a'), x('starts_with', 'a'), x('ends_with', 'a')],
    ['hosts as a set', x('host_in', ['a.com', 'b.com']), x('host_in', ['b.com', 'x.a.com', 'A.com']), x('host_in', ['a.com'])],
    ['hosts that are not listed', x('host_not_in', ['a.com']), { not: x('host_in', ['a.com']) }, x('host_in', ['a.com'])],
    ['a schema by its value', x('matches_schema', { type: 'string', minLength: 1 }), x('matches_schema', { minLength: 1, type: 'string' }), x('matches_schema', { type: 'string' })],
    ['a pattern of any of several', x('regex', '^a', 'args.x[*]'), x('regex', '^a', 'args.x[*]'), x('regex', '^b', 'args.x[*]')],
    ['hosts of any of several', x('host_not_in', ['a.com', 'b.com'], 'args.x[*]'), x('host_not_in', ['b.com', 'a.com'], 'args.x[*]'), { not: x('host_in', ['b.com', 'a.com'], 'args.x[*]') }],
    ['other hosts of any of several', x('host_not_in', ['a.com'], 'args.x[*]'), x('host_not_in', ['a.com'], 'args.x[*]'), x('host_not_in', ['b.com'], 'args.x[*]')],
    ['the length of any of several', x('length_gt', 1, 'args.x[*]'), x('length_gt', 1, 'args.x[*]'), x('length_gt', 2, 'args.x[*]')],
    ['an expression as it is written', { cel: 'args.x > 1' }, { cel: 'args.x > 1' }, { cel: '1 < args.x' }],
  ] as const)('is the same where it is %s', (_, one, same, other) => {
    expect([alike(one, same), alike(one, other)]).toEqual([true, false]);
  });

  it('is the same question only of the same place', () => {
    expect(alike(x('regex', '^a', 'args.x.y'), x('regex', '^a', { pointer: '/x/y' }))).toBe(true);
    expect(alike(x('regex', '^a', 'args.x'), x('regex', '^a', 'args.y'))).toBe(false);
  });

  it('is known by the variables it stands for', () => {
    const conditions = conditionsOf(x('eq', 1), x('regex', '^a'), { cel: 'args.x > 1' });
    const diagram = new Diagram();
    const diagrams = new ConditionDiagrams(diagram, conditions);
    const asks = conditions.map((each) => [...diagram.support(diagrams.truthOf(each))].some((variable) => diagrams.isQuestion(variable)));
    expect(asks).toEqual([false, true, true]);
  });

  it('may come to any truth where it is an expression', () => {
    const diagram = new Diagram();
    const condition = aCondition({ cel: 'args.x > 1' });
    const diagrams = new ConditionDiagrams(diagram, [condition]);
    expect([...diagram.values(diagrams.truthOf(condition))].sort()).toEqual(Object.values(TRUTH));
    expect([...diagram.values(diagrams.truthOf({ kind: 'not', condition }))].sort()).toEqual(Object.values(TRUTH));
  });

  it('is an error of a place that was not prepared', () => {
    const diagram = new Diagram();
    expect([...diagram.values(new ConditionDiagrams(diagram, []).truthOf(aComparison('args.x', 'eq', 1)))]).toEqual([TRUTH.error]);
  });
});

describe('what is known of a place', () => {
  it('settles what is compared with it', () => {
    const isRead = aComparison('tool.category', 'eq', 'Read');
    const truthsGiven = (only: readonly string[], canBeAbsent: boolean): readonly number[] => {
      const diagram = new Diagram();
      return [...diagram.values(new ConditionDiagrams(diagram, [isRead], () => ({ canBeAbsent, only })).truthOf(isRead))].sort();
    };
    expect([truthsGiven(['Read'], false), truthsGiven(['Write'], false), truthsGiven([], true), truthsGiven(['Read', 'Write'], true)]).toEqual([[TRUTH.yes], [TRUTH.no], [TRUTH.unknown], [TRUTH.no, TRUTH.yes, TRUTH.unknown]]);
  });

  it('is what every call has there, where nothing else is said', () => {
    const diagram = new Diagram();
    const conditions = [aComparison('identity.id', 'exists', true), aComparison('identity.id', 'eq', 1), aComparison('client.name', 'exists', true)];
    const diagrams = new ConditionDiagrams(diagram, conditions);
    expect(conditions.map((each) => [...diagram.values(diagrams.truthOf(each))].sort())).toEqual([[TRUTH.yes], [TRUTH.no], [TRUTH.no, TRUTH.yes]]);
  });
});
