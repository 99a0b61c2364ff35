import type { RuleElement } from './document.js';
import { pointerToken } from './finding.js';

/** Rule ids that stand for no rule. */
export const NO_RULE = {
  hidden: '(hidden)',
  defaultDeny: '(default deny)',
  defaultAllow: '(default allow)',
} as const;

/** The rule id of an entry of `select`, which is also the start of the ids of its rules. */
export function selectRuleId(index: number): string {
  return `/select/${index}`;
}

/** The rule id of an entry of `flows`. */
export function flowRuleId(index: number): string {
  return `/flows/${index}`;
}

/** The rule id of a tool, which is also the start of the ids of its rules: `/tools/create_charge`. */
export function toolRuleId(tool: string): string {
  return `/tools/${pointerToken(tool)}`;
}

/**
 * Ids for the elements of a list, in order: `<path>-<op>` of a single condition, else the index; repeats get `~2`, `~3`.
 *
 * @param list Where the list stands: `/tools/create_charge/deny_if`.
 */
export function elementIds(list: string, elements: readonly RuleElement[]): readonly string[] {
  return withRepeats(elements.map((element, index) => `${list}/${elementName(element, index)}`));
}

/** Ids for limits, by counter. */
export function limitIds(list: string, counters: readonly string[]): readonly string[] {
  return withRepeats(counters.map((counter) => `${list}/${pointerToken(counter)}`));
}

function elementName({ conditions }: RuleElement, index: number): string {
  const [only, second] = conditions;
  return only?.kind !== 'comparison' || second !== undefined ? String(index) : pointerToken(`${only.path.text}-${only.op}`);
}

function withRepeats(ids: readonly string[]): readonly string[] {
  const times = new Map<string, number>();
  return ids.map((id) => {
    const time = (times.get(id) ?? 0) + 1;
    times.set(id, time);
    return time === 1 ? id : `${id}~${time}`;
  });
}
