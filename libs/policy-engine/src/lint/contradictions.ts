import { canonicalValue } from '../canonical-value.js';
import { compareNumbers, isNumber, type JsonNumber } from '../compare-numbers.js';
import { compileOperator } from '../conditions/operators.js';
import { Compilation } from '../conditions/compilation.js';
import { namesSeveral } from '../conditions/read-path.js';
import { IDLE_METER } from '../conditions/truth.js';
import type { Comparison, Condition, Op } from '../document.js';

/** Nothing here compiles a pattern. */
const NO_PATTERNS = new Compilation();

/** Why the conditions of one element can never hold together, whatever the call; undefined when they may. */
export function contradiction(all: readonly Condition[]): string | undefined {
  const conditions = all.filter((each) => each.kind === 'comparison');
  const empty = conditions.find(({ op, value }) => op === 'in' && Array.isArray(value) && value.length === 0);
  if (empty !== undefined) return `nothing is a member of an empty list (${empty.path.text})`;
  for (const group of byPath(conditions)) {
    if (contradictEachOther(group)) return `the conditions on ${group[0]?.path.text ?? ''} exclude each other`;
  }
  return undefined;
}

/** Conditions on one value together; those on several values exclude nothing, since each may hold for another of them. */
function byPath(conditions: readonly Comparison[]): readonly (readonly Comparison[])[] {
  const groups = new Map<string, Comparison[]>();
  for (const condition of conditions) {
    if (namesSeveral(condition.path)) continue;
    const key = JSON.stringify([condition.path.root, condition.path.steps]);
    groups.set(key, [...(groups.get(key) ?? []), condition]);
  }
  return [...groups.values()];
}

function contradictEachOther(group: readonly Comparison[]): boolean {
  return excludesPresence(group) || excludesEveryValue(group) || leavesNoRange(group);
}

function excludesPresence(group: readonly Comparison[]): boolean {
  const saysAbsent = group.some(({ op, value }) => op === 'exists' && value === false);
  return saysAbsent && group.some(({ op, value }) => (op === 'exists' ? value === true : !holdsForNull(op, value)));
}

/** As a value that is absent may be: null. Schemas are not looked into here, and no pattern holds for it. */
function holdsForNull(op: Exclude<Op, 'exists'>, value: Comparison['value']): boolean {
  return op === 'matches_schema' || (op !== 'regex' && compileOperator(op, value, NO_PATTERNS)(null, IDLE_METER) === 'yes');
}

/** A value that one `eq` asks for must hold for every other condition but patterns, which are not searched here. */
function excludesEveryValue(group: readonly Comparison[]): boolean {
  const asked = group.find(({ op }) => op === 'eq');
  if (asked === undefined) return false;
  return group.some(({ op, value }) => {
    if (op === 'exists' || op === 'regex' || op === 'matches_schema') return false;
    return op === 'eq' ? canonicalValue(value) !== canonicalValue(asked.value) : compileOperator(op, value, NO_PATTERNS)(asked.value, IDLE_METER) !== 'yes';
  });
}

function leavesNoRange(group: readonly Comparison[]): boolean {
  return bounds(group, ['gt', 'gte']).some((low) =>
    bounds(group, ['lt', 'lte']).some((high) => {
      const order = compareNumbers(low.value, high.value) ?? -1;
      return order > 0 || (order === 0 && (low.op === 'gt' || high.op === 'lt'));
    }),
  );
}

function bounds(group: readonly Comparison[], ops: readonly Op[]): readonly { readonly op: Op; readonly value: JsonNumber }[] {
  return group.flatMap(({ op, value }) => (ops.includes(op) && isNumber(value) ? [{ op, value }] : []));
}
