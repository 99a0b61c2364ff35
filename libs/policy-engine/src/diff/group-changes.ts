import { activeParts, isAbout, type ActivePart } from './active-parts.js';
import { CallOutcomes, type OutcomeChange } from './call-outcomes.js';
import type { PolicySection } from './policy-part.js';
import type { PolicyStep } from './policy-step.js';
import { isSameView, staticChange, staticView, type StaticView } from './static-change.js';
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

/** What comparing may still cost over all groups, in steps of diagrams; counted down. */
export interface Allowance {
  steps: number;
}

const SAME = { kind: 'same' } as const;
const STEPS_EACH = 50_000;
const LEAST_STEPS = 2_000;

/** Compares the decisions of two documents for the tools of one class. */
export function groupChange(about: ToolClass, plan: StepPlan, allowance: Allowance): GroupChange {
  const steps = plan.steps.filter((step) => concerns(step, about));
  if (steps.length === 0 && plan.before === plan.rezoned) return SAME;
  const whole: Compared = { before: activeParts(plan.before, about), rezoned: activeParts(plan.rezoned, about), after: activeParts(plan.after, about), isRezoned: plan.before !== plan.rezoned };
  const surely = ({ section }: ActivePart): boolean => section.scope.kind !== 'select' || matches(section.scope.match, about) === 'yes';
  const views = { before: staticView(whole.before, surely), after: staticView(whole.after, surely) };
  const own = withoutShared(whole);
  const small = compare(about, own, allowance);
  if (small.change === 'none' && isSameView(views.before, views.after)) {
    return about.tool === undefined || small.outcomes.canPass(small.is) ? SAME : listingChange(small.outcomes, own.before, own.after);
  }
  const full = own === whole || allowance.steps <= 0 ? small : compare(about, whole, allowance);
  return full !== small && full.isKnown ? conclude({ about, compared: whole, steps, views }, full) : conclude({ about, compared: own, steps, views }, small);
}

/** The parts that bind a class of tools in two documents. */
interface Compared {
  readonly before: readonly ActivePart[];
  readonly rezoned: readonly ActivePart[];
  readonly after: readonly ActivePart[];
  readonly isRezoned: boolean;
}

interface Comparing {
  readonly outcomes: CallOutcomes;
  readonly was: number;
  readonly is: number;
  readonly change: OutcomeChange;
  readonly isKnown: boolean;
}

interface Subject {
  readonly about: ToolClass;
  readonly compared: Compared;
  readonly steps: readonly PolicyStep[];
  readonly views: { readonly before: StaticView; readonly after: StaticView };
}

function compare(about: ToolClass, { before, rezoned, after }: Compared, allowance: Allowance): Comparing {
  const outcomes = new CallOutcomes(about, [...before, ...rezoned, ...after], Math.max(LEAST_STEPS, Math.min(STEPS_EACH, allowance.steps)));
  const [was, is] = [outcomes.outcome(before), outcomes.outcome(after)];
  const comparing = { outcomes, was, is, change: outcomes.change(was, is), isKnown: outcomes.isKnown(was) && outcomes.isKnown(is) };
  allowance.steps -= outcomes.stepsTaken;
  return comparing;
}

/**
 * Leaves out the rules that stand in both documents. What then is the same is the same with them too, and what tightens or
 * loosens does no other with them; so it stands in where the whole is too large to compare.
 */
function withoutShared(whole: Compared): Compared {
  const keys = (active: readonly ActivePart[]): ReadonlySet<string> => new Set(active.map(keyOf));
  const [old, now] = [keys(whole.before), keys(whole.after)];
  const isOwn = (each: ActivePart): boolean => !sharedKinds.has(each.part.body.kind) || !old.has(keyOf(each)) || !now.has(keyOf(each));
  const [before, after] = [whole.before.filter(isOwn), whole.after.filter(isOwn)];
  if (before.length === whole.before.length && after.length === whole.after.length) return whole;
  return { before, rezoned: whole.rezoned.filter(isOwn), after, isRezoned: whole.isRezoned };
}

const sharedKinds: ReadonlySet<string> = new Set(['deny_if', 'require', 'approval']);

function keyOf({ section, part }: ActivePart): string {
  return `${section.key}\n${part.key}`;
}

function conclude({ about, compared, steps, views }: Subject, { outcomes, was, is, change }: Comparing): GroupChange {
  const couldPass = outcomes.canPass(was);
  const canPass = outcomes.canPass(is);
  if (about.tool !== undefined && couldPass !== canPass) return { kind: canPass ? 'gained' : 'lost' };
  if (!couldPass && !canPass) return about.tool === undefined ? SAME : listingChange(outcomes, compared.before, compared.after);
  if (change === 'none' && isSameView(views.before, views.after)) return SAME;
  const decided = decidedChanges(outcomes, compared, steps);
  const kinds = steps.map((step) => [step, staticChange(step, views.before, views.after) ?? decided.steps.get(step) ?? 'none'] as const);
  return { kind: 'steps', zone: decided.zone, steps: new Map(kinds) };
}

/** Whether a step can make a difference to a class of tools at all. */
export function concerns({ before, after }: PolicyStep, about: ToolClass): boolean {
  return [before, after].some((each) => each !== undefined && isAbout(each.section, about));
}

function listingChange(outcomes: CallOutcomes, before: readonly ActivePart[], after: readonly ActivePart[]): GroupChange {
  const [was, is] = [outcomes.listed(before), outcomes.listed(after)];
  const change = outcomes.change(was, is);
  return change === 'none' ? SAME : { kind: 'listing', isListed: change !== 'tightened' };
}

/** Takes the steps one after the other and sees what each does to the outcomes; those that stay are asked first. */
function decidedChanges(outcomes: CallOutcomes, { before, rezoned, isRezoned }: Compared, steps: readonly PolicyStep[]): { readonly zone: OutcomeChange; readonly steps: ReadonlyMap<PolicyStep, OutcomeChange> } {
  const leaving = new Set(steps.flatMap((step) => (step.before === undefined ? [] : [step.before.part])));
  let active = [...rezoned.filter(({ part }) => !leaving.has(part)), ...rezoned.filter(({ part }) => leaving.has(part))];
  let current = outcomes.outcome(active);
  const zone = !isRezoned ? 'none' : outcomes.change(outcomes.outcome(before), current);
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
