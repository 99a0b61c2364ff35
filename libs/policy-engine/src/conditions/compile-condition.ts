import type { JsonValue } from '@sallyport/kernel';

import { compileCel } from '../cel/compile-cel.js';
import type { Comparison, Condition, Path } from '../document.js';
import type { ToolCall } from '../verdict.js';
import type { Compilation } from './compilation.js';
import type { ConditionTest } from './condition-test.js';
import { compileOperator, type ValueTest } from './operators.js';
import { compileReadEach, compileReadOne, namesSeveral, plainArgument } from './read-path.js';
import type { Truth } from './truth.js';

/** Prepares one condition. A path with `[*]` holds when it holds for any element. */
export function compileCondition(condition: Condition, compilation: Compilation): ConditionTest {
  switch (condition.kind) {
    case 'comparison':
      return compileComparison(condition, compilation);
    case 'any':
      return anyOf(condition.conditions.map((each) => compileCondition(each, compilation)));
    case 'all':
      return allOf(condition.conditions.map((each) => compileCondition(each, compilation)));
    case 'not':
      return not(compileCondition(condition.condition, compilation));
    case 'cel':
      return compileCel(condition.source, compilation);
  }
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

/** Joins tests by OR; they stop at the first that settles it. No test at all never holds. */
export function anyOf(tests: readonly ConditionTest[]): ConditionTest {
  const [only, second] = tests;
  if (only !== undefined && second === undefined) return only;
  return (call, meter) => {
    let truth: Truth = 'no';
    for (const test of tests) {
      const each = test(call, meter);
      if (each === 'yes' || each === 'error') return each;
      if (each === 'unknown') truth = 'unknown';
    }
    return truth;
  };
}

function not(test: ConditionTest): ConditionTest {
  return (call, meter) => {
    const truth = test(call, meter);
    if (truth === 'yes') return 'no';
    return truth === 'no' ? 'yes' : truth;
  };
}

function compileComparison({ path, op, value }: Comparison, compilation: Compilation): ConditionTest {
  if (op === 'exists') return compileExists(path, value === true, compilation);
  const test = compileOperator(op, value, compilation);
  return namesSeveral(path) ? anyElement(path, test, compilation) : oneValue(path, test, compilation);
}

function oneValue(path: Path, test: ValueTest, compilation: Compilation): ConditionTest {
  const name = plainArgument(path);
  if (name !== undefined) return argument(name, test);
  const read = compileReadOne(path, compilation);
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

function anyElement(path: Path, test: ValueTest, compilation: Compilation): ConditionTest {
  const read = compileReadEach(path, compilation);
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

function compileExists(path: Path, wanted: boolean, compilation: Compilation): ConditionTest {
  const isThere = compilePresence(path, compilation);
  return (call) => (isThere(call) === wanted ? 'yes' : 'no');
}

function compilePresence(path: Path, compilation: Compilation): (call: ToolCall) => boolean {
  if (namesSeveral(path)) {
    const readEach = compileReadEach(path, compilation);
    return (call) => readEach(call).some(isPresent);
  }
  const readOne = compileReadOne(path, compilation);
  return (call) => isPresent(readOne(call));
}

function isPresent(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}
