import { canonicalElement, canonicalPlace } from './canonical-rule.js';
import { compareNumbers, isNumber } from './compare-numbers.js';
import { describeCondition } from './conditions/describe-condition.js';
import type { Condition, RuleElement } from './document.js';
import type { DiffKind } from './policy-diff.js';

/** The two lists of elements. A further `deny_if` or `require` tightens a rule; one less loosens it. */
export type ElementList = 'deny_if' | 'require';

/** One difference, to be placed by whoever knows the tool. `index`: the element's place in the document that has it. */
export interface ElementChange {
  readonly kind: DiffKind;
  readonly index: number;
  readonly in: 'before' | 'after';
  readonly sentence: string;
}

interface Placed {
  readonly element: RuleElement;
  readonly index: number;
}

/** Compares two lists of elements as sets: their order and the order of their conditions say nothing. */
export function diffElements(list: ElementList, before: readonly RuleElement[], after: readonly RuleElement[]): readonly ElementChange[] {
  const old = byMeaning(before);
  const now = byMeaning(after);
  const changes = [...now].flatMap(([key, placed]) => messageChange(placed, old.get(key)));
  const gone = [...old].flatMap(([key, placed]) => (now.has(key) ? [] : [placed]));
  for (const [key, placed] of now) {
    if (old.has(key)) continue;
    const at = gone.findIndex((each) => isSameQuestion(each.element, placed.element));
    const [moved] = at < 0 ? [] : gone.splice(at, 1);
    changes.push(moved === undefined ? added(list, placed) : boundChange(list, moved, placed));
  }
  return [...changes, ...gone.map((placed) => removed(list, placed))];
}

function byMeaning(elements: readonly RuleElement[]): ReadonlyMap<string, Placed> {
  const map = new Map<string, Placed>();
  for (const [index, element] of elements.entries()) {
    const key = canonicalElement(element);
    if (!map.has(key)) map.set(key, { element, index });
  }
  return map;
}

function messageChange({ element, index }: Placed, old: Placed | undefined): readonly ElementChange[] {
  if (old === undefined || old.element.onDeny === element.onDeny) return [];
  return [{ kind: 'changed', index, in: 'after', sentence: `The message of the rule "${say(element)}" is another.` }];
}

function added(list: ElementList, { element, index }: Placed): ElementChange {
  const sentence = list === 'deny_if' ? `Calls are now denied ${when(element)}.` : `Calls must now meet: ${say(element)}.`;
  return { kind: 'tightened', index, in: 'after', sentence };
}

function removed(list: ElementList, { element, index }: Placed): ElementChange {
  const sentence = list === 'deny_if' ? `Calls are no longer denied ${when(element)}.` : `Calls need no longer meet: ${say(element)}.`;
  return { kind: 'loosened', index, in: 'before', sentence };
}

function boundChange(list: ElementList, old: Placed, now: Placed): ElementChange {
  const verb = list === 'deny_if' ? 'Calls are now denied when' : 'Calls must now meet';
  const sentence = `${verb} ${say(now.element)}, instead of ${say(old.element)}.`;
  return { kind: boundKind(list, old.element.conditions[0], now.element.conditions[0]), index: now.index, in: 'after', sentence };
}

/** Whether a moved bound catches more calls or fewer. */
function boundKind(list: ElementList, old: Condition | undefined, now: Condition | undefined): DiffKind {
  if (old?.kind !== 'comparison' || now?.kind !== 'comparison' || !isNumber(old.value) || !isNumber(now.value)) return 'changed';
  const order = compareNumbers(now.value, old.value);
  const upward = old.op === 'gt' || old.op === 'gte';
  const downward = old.op === 'lt' || old.op === 'lte';
  if (order === undefined || (!upward && !downward)) return 'changed';
  const holdsMoreOften = upward ? order < 0 : order > 0;
  return holdsMoreOften === (list === 'deny_if') ? 'tightened' : 'loosened';
}

function isSameQuestion(left: RuleElement, right: RuleElement): boolean {
  const [a, more] = left.conditions;
  const [b, further] = right.conditions;
  return a?.kind === 'comparison' && b?.kind === 'comparison' && more === undefined && further === undefined && canonicalPlace(a) === canonicalPlace(b);
}

function when(element: RuleElement): string {
  return element.conditions.length === 0 ? 'always' : `when ${say(element)}`;
}

function say(element: RuleElement): string {
  return element.conditions.map(describeCondition).join(' and ') || 'always';
}
