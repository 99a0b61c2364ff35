import { describe, expect, it } from 'vitest';

import { Compilation } from '../conditions/compilation.js';
import type { Comparison } from '../document.js';
import { aComparison } from '../testing/a-condition.js';
import { Diagram } from './diagram.js';
import { comparisonKey, severalPlaces, singlePlace, type PlaceDiagram, type PlaceParts } from './place-diagram.js';
import { TRUTH } from './truths.js';

const x = (op: Comparison['op'], value: Comparison['value']): Comparison => aComparison('args.x', op, value);

/** A place, what its comparisons can come to, and the questions it notes. */
function placed(make: (parts: PlaceParts) => PlaceDiagram, comparisons: readonly Comparison[]) {
  const diagram = new Diagram();
  const questions: number[] = [];
  const testing = { compilation: new Compilation(), meter: { stepsLeft: 1_000 } };
  const place = make({ diagram, comparisons, type: { canBeAbsent: true }, testing, noteQuestion: (variable) => questions.push(variable) });
  return { diagram, questions, place };
}

/** As many comparisons as asked, one of which names as many values as asked. */
const wide = (values: number, comparisons: number): readonly Comparison[] => {
  const named = x('in', Array.from({ length: values }, (_, index) => index));
  return [named, ...Array.from({ length: comparisons - 1 }, () => x('exists', true))];
};

describe('a place', () => {
  it.each([
    ['a single value', singlePlace],
    ['several values', severalPlaces],
  ] as const)('of %s tells values apart up to 100,000 pairs of values and of what is asked of them, and asks beyond', (_, make) => {
    const asks = (comparisons: readonly Comparison[]): boolean => {
      const { place, questions } = placed(make, comparisons);
      for (const each of comparisons.slice(0, 2)) place.truthOf(each);
      return questions.length > 0;
    };
    expect([asks(wide(250, 150)), asks(wide(250, 151)), asks(wide(251, 150))]).toEqual([false, true, true]);
    expect(asks([x('lt', 1), x('gt', 2)])).toBe(false);
  });

  it.each([
    ['a single value', singlePlace],
    ['several values', severalPlaces],
  ] as const)('of %s that is too wide asks each question once', (_, make) => {
    const { place, questions } = placed(make, wide(250, 151));
    const [first, again, other] = [place.truthOf(x('eq', 1)), place.truthOf(x('eq', 1.0)), place.truthOf(x('eq', 2))];
    expect([first === again, first === other, questions.length]).toEqual([true, false, 2]);
  });

  it('counts what all its comparisons name', () => {
    const bounds = Array.from({ length: 300 }, (_, index) => x('lt', index));
    const { place, questions } = placed(singlePlace, bounds);
    place.truthOf(x('lt', 5));
    expect(questions).toHaveLength(1);
  });

  it.each([
    ['length_gt', 1, [TRUTH.no, TRUTH.yes, TRUTH.unknown]],
    ['length_gt', -1, [TRUTH.yes, TRUTH.unknown]],
    ['length_lt', 0, [TRUTH.no, TRUTH.unknown]],
    ['length_lt', 1, [TRUTH.no, TRUTH.yes, TRUTH.unknown]],
    ['length_gt', 'x', [TRUTH.no, TRUTH.unknown]],
  ] as const)('knows what %s %j can come to', (op, bound, truths) => {
    const { diagram, place } = placed(singlePlace, [x(op, bound)]);
    expect([...diagram.values(place.truthOf(x(op, bound)))].sort()).toEqual(truths);
  });

  it.each([
    ['eq', 1, [TRUTH.no, TRUTH.yes, TRUTH.unknown]],
    ['not_in', [1], [TRUTH.no, TRUTH.yes, TRUTH.unknown]],
    ['lt', 1, [TRUTH.no, TRUTH.yes, TRUTH.unknown]],
    ['exists', true, [TRUTH.no, TRUTH.yes]],
    ['exists', false, [TRUTH.no, TRUTH.yes]],
    ['regex', '^a', [TRUTH.no, TRUTH.yes, TRUTH.unknown]],
  ] as const)('knows what %s %j of any of several values can come to', (op, value, truths) => {
    const { diagram, place } = placed(severalPlaces, [x(op, value)]);
    expect([...diagram.values(place.truthOf(x(op, value)))].sort()).toEqual(truths);
  });

  it('asks for a length once, whether of a text or a list', () => {
    const { diagram, place, questions } = placed(singlePlace, [x('length_gt', 1), x('length_lt', 4), x('eq', 'a')]);
    const support = diagram.support(diagram.join({ name: 'pair', join: (left, right) => left * 4 + right }, place.truthOf(x('length_gt', 1)), place.truthOf(x('length_lt', 4))));
    expect([support.size, questions]).toEqual([2, []]);
  });

  it('asks a variable for all that its comparisons do not tell apart', () => {
    const { diagram, place } = placed(singlePlace, [x('gt', 5)]);
    expect(diagram.support(place.truthOf(x('gt', 5))).size).toBe(1);
    const several = placed(severalPlaces, [x('gt', 5), x('regex', '^a')]);
    expect(several.diagram.support(several.place.truthOf(x('gt', 5))).size).toBe(3);
  });
});

describe('the key of a comparison', () => {
  it.each([
    ['eq', 1.0, 'eq .1e1'],
    ['eq', [2, 1], 'eq [.2e1,.1e1]'],
    ['in', [2, 1, 'a', 1.0], 'in "a",.1e1,.2e1'],
    ['not_in', ['b', 'a'], 'not_in "a","b"'],
    ['in', 'a', 'in "a"'],
    ['not_in', 'a', 'not_in "a"'],
    ['host_in', ['b.com', 'a.com'], 'host_in ["b.com","a.com"]'],
  ] as const)('%s %j is %s: the order and repeats of a list say nothing', (op, value, key) => {
    expect(comparisonKey(x(op, value))).toBe(key);
  });
});
