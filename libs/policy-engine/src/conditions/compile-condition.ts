import { canonicalJson, type JsonValue } from '@sallyport/kernel';

import type { Condition, Path } from '../document.js';
import type { ToolCall } from '../verdict.js';
import { compileOperator, type ValueTest } from './operators.js';
import type { PatternCache } from './pattern.js';
import { compileReadEach, compileReadOne, namesSeveral, plainArgument } from './read-path.js';
import type { Meter, Truth } from './truth.js';

/** A condition ready to be tested against a call. */
export type ConditionTest = (call: ToolCall, meter: Meter) => Truth;

const MAX_SHOWN = 80;

/** Prepares one condition. A path with `[*]` holds when it holds for any element. */
export function compileCondition(condition: Condition, patterns: PatternCache): ConditionTest {
  const { path, op, value } = condition;
  if (op === 'exists') return compileExists(path, value === true);
  const test = compileOperator(op, value, patterns);
  return namesSeveral(path) ? anyOf(path, test) : oneOf(path, test);
}

/** Joins tests by AND; they stop at the first that settles it. No test at all always holds. */
export function allOf(tests: readonly ConditionTest[]): ConditionTest {
  const [only, second] = tests;
  if (only !== undefined && second === undefined) return only;
  return (call, meter) => {
    let truth: Truth = 'yes';
    for (const test of tests) {
      const each = test(call, meter);
      if (each === 'no' || each === 'error') return each;
      if (each === 'unknown') truth = 'unknown';
    }
    return truth;
  };
}

/** A condition as one line for people, its long values cut: `args.amount gt 100`. */
export function describeCondition(condition: Condition): string {
  const value = canonicalJson(condition.value);
  return `${condition.path.text} ${condition.op} ${value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value}`;
}

function oneOf(path: Path, test: ValueTest): ConditionTest {
  const name = plainArgument(path);
  if (name !== undefined) return argument(name, test);
  const read = compileReadOne(path);
  return (call, meter) => {
    const actual = read(call);
    return actual === undefined ? 'unknown' : test(actual, meter);
  };
}

function argument(name: string, test: ValueTest): ConditionTest {
  return (call, meter) => {
    const actual = call.args[name];
    return actual === undefined ? 'unknown' : test(actual, meter);
  };
}

function anyOf(path: Path, test: ValueTest): ConditionTest {
  const read = compileReadEach(path);
  return (call, meter) => {
    const values = read(call);
    let sure = values.length > 0;
    for (const actual of values) {
      const truth = actual === undefined ? 'unknown' : test(actual, meter);
      if (truth === 'yes' || truth === 'error') return truth;
      if (truth === 'unknown') sure = false;
    }
    return sure ? 'no' : 'unknown';
  };
}

function compileExists(path: Path, wanted: boolean): ConditionTest {
  const isThere = compilePresence(path);
  return (call) => (isThere(call) === wanted ? 'yes' : 'no');
}

function compilePresence(path: Path): (call: ToolCall) => boolean {
  if (namesSeveral(path)) {
    const readEach = compileReadEach(path);
    return (call) => readEach(call).some(isPresent);
  }
  const readOne = compileReadOne(path);
  return (call) => isPresent(readOne(call));
}

function isPresent(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}
