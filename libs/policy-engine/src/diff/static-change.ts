import { compareDecimals } from '@sallyport/kernel';

import type { Limit, RecordLevel } from '../document.js';
import { DEFAULT_RECORD } from '../plan-section.js';
import type { ActivePart } from './active-parts.js';
import type { OutcomeChange } from './call-outcomes.js';
import { limitKey } from './canonical-part.js';
import { isOpaque, type PolicyStep } from './policy-step.js';

/** What binds besides the decision itself: limits, and what is done with answers and records. */
export interface StaticView {
  /** By counter, each once: a tool's own before those of its classes, before those of all tools. */
  readonly limits: ReadonlyMap<string, { readonly limit: Limit; readonly key: string }>;
  readonly others: ReadonlySet<string>;
  readonly maxBytes: number;
  /** The nearest rule that says it. */
  readonly record: RecordLevel;
}

/** Reads the view off the parts that bind. `surely`: whether a part's section binds whatever the tool's labels are. */
export function staticView(active: readonly ActivePart[], surely: (part: ActivePart) => boolean): StaticView {
  const limits = new Map<string, { readonly limit: Limit; readonly key: string }>();
  const others = new Set<string>();
  let maxBytes = Infinity;
  let record: RecordLevel | undefined;
  for (const each of active) {
    const { body } = each.part;
    const where = surely(each) ? '' : each.section.key;
    if (body.kind === 'limit' && !limits.has(body.limit.counter)) limits.set(body.limit.counter, { limit: body.limit, key: where + limitKey(body.limit) });
    if (body.kind === 'redaction' || body.kind === 'answer') others.add(where + each.part.key);
    if (body.kind === 'max_bytes') maxBytes = Math.min(maxBytes, body.bytes);
    if (body.kind === 'record') record ??= body.level;
    if (where !== '' && (body.kind === 'max_bytes' || body.kind === 'record')) others.add(where + each.part.key);
  }
  return { limits, others, maxBytes, record: record ?? DEFAULT_RECORD };
}

/** Whether two views are the same. */
export function isSameView(before: StaticView, after: StaticView): boolean {
  const counters = new Set([...before.limits.keys(), ...after.limits.keys()]);
  return (
    [...counters].every((counter) => before.limits.get(counter)?.key === after.limits.get(counter)?.key) &&
    before.maxBytes === after.maxBytes &&
    before.record === after.record &&
    before.others.size === after.others.size &&
    [...before.others].every((each) => after.others.has(each))
  );
}

/** What a step means for a class of tools that has these two views; undefined for parts that the decision itself depends on. */
export function staticChange(step: PolicyStep, before: StaticView, after: StaticView): OutcomeChange | undefined {
  const { part } = step.written;
  switch (part.body.kind) {
    case 'limit': {
      const { counter } = part.body.limit;
      const [was, is] = [before.limits.get(counter), after.limits.get(counter)];
      return was?.key === is?.key ? 'none' : limitChange(was?.limit, is?.limit);
    }
    case 'redaction':
    case 'answer':
      return before.others.size === after.others.size && [...before.others].every((each) => after.others.has(each)) ? 'none' : directed(step);
    case 'max_bytes':
      if (before.maxBytes === after.maxBytes) return before.others.size === after.others.size ? 'none' : directed(step);
      return after.maxBytes < before.maxBytes ? 'tightened' : 'loosened';
    case 'record':
      return before.record === after.record ? 'none' : 'changed';
    default:
      return undefined;
  }
}

/** More limits, redactions and reasons to withhold tighten; one for another is neither. */
function directed({ before, after }: PolicyStep): OutcomeChange {
  if (before === undefined) return 'tightened';
  if (after === undefined) return 'loosened';
  return isOpaque(before.part) || isOpaque(after.part) ? 'perhaps' : 'changed';
}

/** On one and the same state of the counter. */
function limitChange(was: Limit | undefined, is: Limit | undefined): OutcomeChange {
  if (was === undefined || is === undefined) return was === undefined ? 'tightened' : 'loosened';
  const moves: OutcomeChange[] = [];
  const order = compareDecimals(is.max, was.max);
  if (order !== 0) moves.push(order < 0 ? 'tightened' : 'loosened');
  if (is.class !== was.class) moves.push(is.class === 'hard' ? 'tightened' : 'loosened');
  if (is.onExceed !== was.onExceed) moves.push(is.onExceed === 'deny' ? 'tightened' : 'loosened');
  const isOther = limitKey({ ...was, max: is.max, class: is.class, onExceed: is.onExceed }) !== limitKey(is);
  const [first] = moves;
  return isOther || first === undefined || moves.some((each) => each !== first) ? 'changed' : first;
}
