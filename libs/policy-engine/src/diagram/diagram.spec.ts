import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Diagram, UNKNOWN_VALUE, type DiagramRef, type Joining } from './diagram.js';

const or: Joining = { name: 'or', join: Math.max };
const and: Joining = { name: 'and', join: Math.min };

type Term = { readonly kind: 'variable'; readonly index: number } | { readonly kind: 'and' | 'or'; readonly of: readonly Term[] } | { readonly kind: 'not'; readonly of: Term };

const terms = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.nat({ max: 4 }).map((index) => ({ kind: 'variable' as const, index })),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('term'), { maxLength: 3 }) }),
    tie('term').map((of) => ({ kind: 'not' as const, of })),
  ),
})).term;

function build(diagram: Diagram, term: Term, variables: readonly number[]): DiagramRef {
  if (term.kind === 'variable') return diagram.ask(variables[term.index] ?? 0, [diagram.leaf(0), diagram.leaf(1)]);
  if (term.kind === 'not') return diagram.replace('not', build(diagram, term.of, variables), (value) => 1 - value);
  const parts = term.of.map((each) => build(diagram, each, variables));
  return diagram.joinAll(term.kind === 'and' ? and : or, parts, diagram.leaf(term.kind === 'and' ? 1 : 0));
}

function evaluate(term: Term, bits: number): boolean {
  if (term.kind === 'variable') return ((bits >> term.index) & 1) === 1;
  if (term.kind === 'not') return !evaluate(term.of, bits);
  return term.kind === 'and' ? term.of.every((each) => evaluate(each, bits)) : term.of.some((each) => evaluate(each, bits));
}

describe('a decision diagram', () => {
  it('is the same reference exactly for functions that are equal everywhere', () => {
    fc.assert(
      fc.property(terms, terms, (left, right) => {
        const diagram = new Diagram();
        const variables = Array.from({ length: 5 }, () => diagram.variable());
        const alike = Array.from({ length: 32 }, (_, bits) => evaluate(left, bits) === evaluate(right, bits)).every(Boolean);
        expect(build(diagram, left, variables) === build(diagram, right, variables)).toBe(alike);
      }),
      { numRuns: 500 },
    );
  });

  it('tells the values a function can have and what it depends on', () => {
    const diagram = new Diagram();
    const [first, second] = [diagram.variable(), diagram.variable()];
    const asked = diagram.ask(first, [diagram.leaf(7), diagram.ask(second, [diagram.leaf(7), diagram.leaf(9), diagram.leaf(7)])]);
    expect([...diagram.values(asked)].sort()).toEqual([7, 9]);
    expect([...diagram.support(asked)].sort()).toEqual([first, second]);
    expect(diagram.ask(first, [diagram.leaf(3), diagram.leaf(3)])).toBe(diagram.leaf(3));
  });

  it('says that it does not know where its budget ends, instead of guessing', () => {
    for (const budget of [{ branches: 8, steps: 1_000 }, { branches: 1_000, steps: 8 }]) {
      const diagram = new Diagram(budget);
      const bits = Array.from({ length: 12 }, () => diagram.ask(diagram.variable(), [diagram.leaf(0), diagram.leaf(1)]));
      const odd = diagram.joinAll({ name: 'xor', join: (a, b) => a ^ b }, bits, diagram.leaf(0));
      expect(diagram.values(odd)).toContain(UNKNOWN_VALUE);
    }
  });

  it('holds as many branches as its budget, and no more', () => {
    const held = (branches: number): readonly number[] => {
      const diagram = new Diagram({ branches, steps: 100 });
      const asked = [1, 2].map((value) => diagram.ask(diagram.variable(), [diagram.leaf(0), diagram.leaf(value)]));
      return asked.map((each) => Math.max(...diagram.values(each)));
    };
    expect([held(4), held(3), held(1)]).toEqual([[1, 2], [1, UNKNOWN_VALUE], [UNKNOWN_VALUE, UNKNOWN_VALUE]]);
  });

  it('takes as many steps as its budget, one for each pair of nodes joined the first time', () => {
    const joined = (steps: number) => {
      const diagram = new Diagram({ branches: 100, steps });
      const [first, second] = [1, 2].map(() => diagram.ask(diagram.variable(), [diagram.leaf(0), diagram.leaf(1)]));
      const made = [and, and, or].map((how) => [...diagram.values(diagram.join(how, first ?? 0, second ?? 0))].sort());
      return { made, taken: diagram.stepsTaken };
    };
    expect(joined(100)).toEqual({ made: [[0, 1], [0, 1], [0, 1]], taken: 6 });
    expect(joined(6)).toEqual({ made: [[0, 1], [0, 1], [0, 1]], taken: 6 });
    expect(joined(5)).toEqual({ made: [[0, 1], [0, 1], [0, 1, UNKNOWN_VALUE]], taken: 5 });
    expect(joined(0)).toEqual({ made: [[UNKNOWN_VALUE], [UNKNOWN_VALUE], [UNKNOWN_VALUE]], taken: 0 });
    expect(new Diagram().stepsTaken).toBe(0);
  });

  it('joins nothing with what it does not know', () => {
    const diagram = new Diagram();
    const [unknown, known] = [diagram.leaf(UNKNOWN_VALUE), diagram.leaf(0)];
    expect([diagram.join(and, unknown, known), diagram.join(and, known, unknown), diagram.join(and, unknown, unknown), diagram.ask(diagram.variable(), [])]).toEqual([unknown, unknown, unknown, unknown]);
    expect(diagram.replace('none', unknown, () => 0)).toBe(unknown);
  });

  it('asks variables in the order they were made, whatever is joined first', () => {
    const diagram = new Diagram();
    const variables = [diagram.variable(), diagram.variable(), diagram.variable()];
    expect(variables).toEqual([1, 2, 3]);
    const [first, second, third] = variables.map((variable) => diagram.ask(variable, [diagram.leaf(0), diagram.leaf(1)]));
    const forwards = diagram.joinAll(and, [first ?? 0, second ?? 0, third ?? 0], diagram.leaf(1));
    expect(diagram.joinAll(and, [third ?? 0, first ?? 0, second ?? 0], diagram.leaf(1))).toBe(forwards);
    expect([...diagram.support(forwards)]).toEqual([1, 2, 3]);
  });

  it('follows a thousand variables in a row, and no more', () => {
    const row = (length: number): ReadonlySet<number> => {
      const diagram = new Diagram();
      const variables = Array.from({ length }, () => diagram.variable());
      return diagram.values(variables.reduceRight((rest, variable) => diagram.ask(variable, [rest, diagram.leaf(1)]), diagram.leaf(0)));
    };
    expect([[...row(1_000)].sort(), [...row(1_001)].sort()]).toEqual([[0, 1], [UNKNOWN_VALUE]]);
  });

  it('follows no more than a thousand variables in a row', () => {
    const diagram = new Diagram();
    const bits = Array.from({ length: 2_000 }, () => diagram.ask(diagram.variable(), [diagram.leaf(0), diagram.leaf(1)]));
    expect(diagram.values(diagram.joinAll(or, bits.reverse(), diagram.leaf(0)))).toContain(UNKNOWN_VALUE);
  });
});
