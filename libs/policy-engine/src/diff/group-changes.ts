import { CallOutcomes, type ActivePart, type OutcomeChange } from './call-outcomes.js';
import type { PolicySection } from './policy-part.js';
import type { PolicyStep } from './policy-step.js';
import { isSameView, staticChange, staticView } from './static-change.js';
import { matches, type ToolClass } from './tool-class.js';

/** Two documents in sections, and the steps from one to the other in the order to take them. */
export interface StepPlan {
  readonly before: readonly PolicySection[];
  /** The earlier document with its times in the zone of the later one. */
  readonly rezoned: readonly PolicySection[];
  readonly after: readonly PolicySection[];
  readonly steps: readonly PolicyStep[];
}

/**
 * What becomes of the calls to a group of tools. `gained` and `lost`: some call can pass in one document only.
 * `listing`: none can in either, but `tools/list` differs. `steps`: which steps make a difference, and which.
 */
export type GroupChange =
  | { readonly kind: 'same' | 'gained' | 'lost' }
  | { readonly kind: 'listing'; readonly isListed: boolean }
  | { readonly kind: 'steps'; readonly zone: OutcomeChange; readonly steps: ReadonlyMap<PolicyStep, OutcomeChange> };

/** Compares the decisions of two documents for the tools of one class. */
export function groupChange(about: ToolClass, plan: StepPlan): GroupChange {
  const [before, rezoned, after] = [activeParts(plan.before, about), activeParts(plan.rezoned, about), activeParts(plan.after, about)];
  const steps = plan.steps.filter((step) => concerns(step, about));
  if (steps.length === 0 && plan.before === plan.rezoned) return { kind: 'same' };
  const outcomes = new CallOutcomes(about, [...before, ...rezoned, ...after]);
  const [was, is] = [outcomes.outcome(before), outcomes.outcome(after)];
  const couldPass = outcomes.canPass(was);
  const canPass = outcomes.canPass(is);
  if (about.tool !== undefined && couldPass !== canPass) return { kind: canPass ? 'gained' : 'lost' };
  if (!couldPass && !canPass) return about.tool === undefined ? { kind: 'same' } : listingChange(outcomes, before, after);
  const surely = ({ section }: ActivePart): boolean => section.scope.kind !== 'select' || matches(section.scope.match, about) === 'yes';
  const views = [staticView(before, surely), staticView(after, surely)] as const;
  if (outcomes.change(was, is) === 'none' && isSameView(...views)) return { kind: 'same' };
  const decided = decidedChanges(outcomes, { before, rezoned, steps });
  return { kind: 'steps', zone: decided.zone, steps: new Map(steps.map((step) => [step, staticChange(step, ...views) ?? decided.steps.get(step) ?? 'none'])) };
}

/** Whether a step can make a difference to a class of tools at all. */
export function concerns({ before, after }: PolicyStep, about: ToolClass): boolean {
  return [before, after].some((each) => each !== undefined && isAbout(each.section, about));
}

function isAbout({ scope }: PolicySection, about: ToolClass): boolean {
  if (scope.kind === 'tool') return scope.tool === about.tool;
  return scope.kind === 'all' || matches(scope.match, about) !== 'no';
}

const NEAREST_FIRST = { tool: 0, select: 1, all: 2 } as const;

function activeParts(sections: readonly PolicySection[], about: ToolClass): readonly ActivePart[] {
  const near = sections.filter((section) => isAbout(section, about)).sort((left, right) => NEAREST_FIRST[left.scope.kind] - NEAREST_FIRST[right.scope.kind]);
  return near.flatMap((section) => section.parts.map((part) => ({ section, part })));
}

function listingChange(outcomes: CallOutcomes, before: readonly ActivePart[], after: readonly ActivePart[]): GroupChange {
  const [was, is] = [outcomes.listed(before), outcomes.listed(after)];
  const change = outcomes.change(was, is);
  return change === 'none' ? { kind: 'same' } : { kind: 'listing', isListed: change !== 'tightened' };
}

interface Walk {
  readonly before: readonly ActivePart[];
  readonly rezoned: readonly ActivePart[];
  readonly steps: readonly PolicyStep[];
}

/** Takes the steps one after the other and sees what each does to the outcomes; those that stay are asked first. */
function decidedChanges(outcomes: CallOutcomes, { before, rezoned, steps }: Walk): { readonly zone: OutcomeChange; readonly steps: ReadonlyMap<PolicyStep, OutcomeChange> } {
  const leaving = new Set(steps.flatMap((step) => (step.before === undefined ? [] : [step.before.part])));
  let active = [...rezoned.filter(({ part }) => !leaving.has(part)), ...rezoned.filter(({ part }) => leaving.has(part))];
  let current = outcomes.outcome(active);
  const zone = before === rezoned ? 'none' : outcomes.change(outcomes.outcome(before), current);
  const changes = new Map<PolicyStep, OutcomeChange>();
  for (const step of steps) {
    if (staticKinds.has(step.written.part.body.kind)) continue;
    active = active.filter(({ part }) => part !== step.before?.part);
    if (step.after !== undefined) active.push(step.after);
    const next = outcomes.outcome(active);
    const change = outcomes.change(current, next);
    changes.set(step, change === 'perhaps' ? sureChange(step) : change);
    current = next;
  }
  return { zone, steps: changes };
}

const staticKinds: ReadonlySet<string> = new Set(['limit', 'redaction', 'answer', 'max_bytes', 'record']);

/** What is sure of a step without looking at calls: to add a rule allows nothing more, to admit denies nothing more. */
function sureChange({ before, after, written }: PolicyStep): OutcomeChange {
  if (before !== undefined && after !== undefined) return 'perhaps';
  const admits = written.part.body.kind === 'admit';
  return (after !== undefined) === admits ? 'loosened' : 'tightened';
}
