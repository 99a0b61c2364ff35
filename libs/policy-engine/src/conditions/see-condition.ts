import { canonicalJson, isJsonObject, type JsonValue } from '@sallyport/kernel';

import { isNumber } from '../compare-numbers.js';
import type { Condition, Path } from '../document.js';
import type { ToolCall } from '../verdict.js';
import { compileCondition } from './compile-condition.js';
import type { Compilation } from './compilation.js';
import { describeCondition } from './describe-condition.js';
import { compileReadEach } from './read-path.js';
import { MAX_STEPS } from './truth.js';

/** What one condition made of a call. */
export interface SeenCondition {
  /** The condition in words. */
  readonly what: string;
  readonly held: 'yes' | 'no' | 'unknown';
  /** What its path found: a value, or of an argument no more than its type and size. `null` for groups and expressions. */
  readonly saw: string | null;
  /** The conditions of a group, or the one that is negated. */
  readonly of: readonly SeenCondition[];
}

interface Reader {
  readonly call: ToolCall;
  /** Whether values of arguments and answers may be shown. */
  readonly reveals: boolean;
  readonly compilation: Compilation;
}

const MAX_SHOWN = 80;
const MAX_VALUES = 5;

/** Says of each condition what it saw in a call. */
export function seeConditions(conditions: readonly Condition[], reader: Reader): readonly SeenCondition[] {
  return conditions.map((condition) => seeCondition(condition, reader));
}

function seeCondition(condition: Condition, reader: Reader): SeenCondition {
  const truth = compileCondition(condition, reader.compilation)(reader.call, { stepsLeft: MAX_STEPS });
  return {
    what: describeCondition(condition),
    held: truth === 'error' ? 'unknown' : truth,
    saw: condition.kind === 'comparison' ? saw(condition.path, reader) : null,
    of: seeConditions(partsOf(condition), reader),
  };
}

function partsOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'any':
    case 'all':
      return condition.conditions;
    case 'not':
      return [condition.condition];
    case 'comparison':
    case 'cel':
      return [];
  }
}

function saw(path: Path, { call, reveals, compilation }: Reader): string {
  const values = compileReadEach(path, compilation)(call);
  const isPrivate = path.root === 'args' || path.root === 'result';
  const told = values.slice(0, MAX_VALUES).map((value) => (isPrivate && !reveals ? typeAndSize(value) : shown(value)));
  if (values.length === 0) return 'an empty list';
  return values.length > MAX_VALUES ? `${told.join(', ')} and ${values.length - MAX_VALUES} more` : told.join(', ');
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  const text = canonicalJson(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function typeAndSize(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (isNumber(value)) return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return isJsonObject(value) ? `an object of ${Object.keys(value).length} members` : `a list of ${value.length} elements`;
}
