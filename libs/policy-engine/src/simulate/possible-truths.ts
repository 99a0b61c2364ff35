import type { Compilation } from '../conditions/compilation.js';
import { compileCondition } from '../conditions/compile-condition.js';
import type { Meter, Truth } from '../conditions/truth.js';
import type { Comparison, Condition, Path } from '../document.js';
import type { OpenCall } from './open-call.js';

/** A set of truths as bits: those a condition may have had, given what was kept of the call. */
export type PossibleTruths = number;

/** The bits of `PossibleTruths`. */
export const MAY_BE = { no: 1, yes: 2, unknown: 4, error: 8 } as const satisfies Record<Truth, number>;

/** Tells which truths a condition may have had. */
export type PossibleTest = (open: OpenCall, meter: Meter) => PossibleTruths;

const { no, yes, unknown, error } = MAY_BE;
const ANY_TRUTH = no | yes | unknown | error;
const CEL_ROOTS = ['args', 'identity', 'grant', 'server', 'tool', 'client', 'time', 'session'] as const;

/**
 * Prepares a condition for calls of which not everything was kept. Never leaves out a truth that the condition can have
 * had; may name one too many where two conditions ask for the same value that was not kept.
 */
export function compilePossible(condition: Condition, compilation: Compilation): PossibleTest {
  switch (condition.kind) {
    case 'comparison':
      return comparisonTest(condition, compilation);
    case 'all':
      return allPossible(condition.conditions, compilation);
    case 'any': {
      const tests = condition.conditions.map((each) => not(compilePossible(each, compilation)));
      return not(joined(tests));
    }
    case 'not':
      return not(compilePossible(condition.condition, compilation));
    case 'cel': {
      const test = compileCondition(condition, compilation);
      const asked = CEL_ROOTS.filter((root) => condition.source.includes(root));
      return (open, meter) => (asked.some((root) => isPartOpen(root, open)) ? ANY_TRUTH : MAY_BE[test(open.call, meter)]);
    }
  }
}

/** Prepares conditions joined by AND. */
export function allPossible(conditions: readonly Condition[], compilation: Compilation): PossibleTest {
  return joined(conditions.map((each) => compilePossible(each, compilation)));
}

function comparisonTest(comparison: Comparison, compilation: Compilation): PossibleTest {
  const test = compileCondition(comparison, compilation);
  const open = openTruths(comparison);
  const isOpen = openness(comparison.path);
  return (call, meter) => (isOpen(call) ? open : MAY_BE[test(call.call, meter)]);
}

/** Whether what a path leads to was there and not kept. */
export function openness({ root, steps }: Path): (open: OpenCall) => boolean {
  const [first] = steps;
  if (root === 'result') return () => true;
  if (root !== 'args') return (open) => open.lacks.has(root);
  const name = first?.kind === 'key' ? first.key : first?.kind === 'token' ? first.token : '';
  return (open) => open.openArguments.has(name);
}

function openTruths({ path, op }: Comparison): PossibleTruths {
  switch (op) {
    case 'exists':
      return no | yes;
    case 'eq':
    case 'neq':
    case 'in':
    case 'not_in':
      return path.root === 'args' && path.steps.length === 1 ? no | yes : no | yes | unknown;
    case 'regex':
    case 'matches_schema':
      return ANY_TRUTH;
    default:
      return no | yes | unknown;
  }
}

function isPartOpen(root: (typeof CEL_ROOTS)[number], open: OpenCall): boolean {
  if (root === 'args') return open.openArguments.size > 0;
  return [...open.lacks].some((each) => each.startsWith(root));
}

function not(test: PossibleTest): PossibleTest {
  return (open, meter) => {
    const truths = test(open, meter);
    return ((truths & no) !== 0 ? yes : 0) | ((truths & yes) !== 0 ? no : 0) | (truths & (unknown | error));
  };
}

/** AND, one after the other: a no or an error settles it. */
function joined(tests: readonly PossibleTest[]): PossibleTest {
  const [only, second] = tests;
  if (only !== undefined && second === undefined) return only;
  return (open, meter) => {
    let settled = 0;
    let going: PossibleTruths = yes;
    for (const test of tests) {
      if (going === 0) break;
      const next = test(open, meter);
      settled |= next & (no | error);
      const after = next & (yes | unknown);
      going = after === 0 ? 0 : ((going & unknown) !== 0 ? unknown : 0) | ((going & yes) !== 0 ? after : 0);
    }
    return settled | going;
  };
}
