import { Diagram, UNKNOWN_VALUE, type DiagramRef, type Joining } from '../diagram/diagram.js';
import { ConditionDiagrams } from '../diagram/condition-diagrams.js';
import { TRUTH } from '../diagram/truths.js';
import type { Condition } from '../document.js';
import type { ActivePart } from './active-parts.js';
import { approvalTerms } from './canonical-part.js';
import type { PolicyPart, PolicySection } from './policy-part.js';
import { factsOf, isNamed, matches, type ToolClass } from './tool-class.js';

/** How two outcomes of the same call differ, from the first to the second. `perhaps`: it cannot be decided. */
export type OutcomeChange = 'none' | 'tightened' | 'loosened' | 'changed' | 'perhaps';

const OR: Joining = { name: 'either', join: Math.max };
const AND: Joining = { name: 'both', join: Math.min };
const DENIED = 0;
const PASSES = 1;
const CHANGE = { none: 0, tightened: 1, loosened: 2, changed: 3 } as const;

/**
 * What becomes of every call to the tools of one class, as one function of what a call may hold, up to limits and flows: it
 * is denied, needs certain approvals, or passes. Made for the parts of both documents, since they divide values together.
 */
export class CallOutcomes {
  private readonly diagram: Diagram;
  private readonly conditions: ConditionDiagrams;
  private readonly globs = new Map<string, DiagramRef>();
  private readonly parts = new Map<PolicyPart, DiagramRef>();
  private readonly approvals = new ApprovalSets();

  constructor(
    private readonly about: ToolClass,
    all: readonly ActivePart[],
    maxSteps: number,
  ) {
    this.diagram = new Diagram({ branches: maxSteps, steps: maxSteps });
    const asked = all.flatMap(({ section, part }) => [...matchConditions(section, about), ...conditionsOf(part)]);
    this.conditions = new ConditionDiagrams(this.diagram, asked, factsOf(about));
  }

  /** What it has cost so far. */
  get stepsTaken(): number {
    return this.diagram.stepsTaken;
  }

  /** Whether an outcome was worked out within the bounds. */
  isKnown(outcome: DiagramRef): boolean {
    return !this.diagram.values(outcome).has(UNKNOWN_VALUE);
  }

  /** The outcome under the parts that bind, in whatever order. */
  outcome(active: readonly ActivePart[]): DiagramRef {
    const ofKind = (...kinds: readonly PolicyPart['body']['kind'][]): readonly DiagramRef[] => active.filter(({ part }) => kinds.includes(part.body.kind)).map((each) => this.truthOf(each));
    const admitted = this.either(ofKind('admit'));
    const denied = this.either([...ofKind('hide', 'deny_if', 'require'), this.not(admitted)]);
    const approvals = this.diagram.joinAll({ name: 'approvals', join: (a, b) => this.approvals.joined(a, b) }, ofKind('approval'), this.diagram.leaf(PASSES));
    return this.diagram.join({ name: 'unless denied', join: (isDenied, needs) => (isDenied === 1 ? DENIED : needs) }, denied, approvals);
  }

  /** Whether `tools/list` may show the tool. */
  listed(active: readonly ActivePart[]): DiagramRef {
    const admitted = this.either(active.filter(({ part }) => part.body.kind === 'admit').map((each) => this.truthOf(each)));
    const hidden = this.either(active.filter(({ part }) => part.body.kind === 'hide').map((each) => this.truthOf(each)));
    return this.diagram.join(AND, admitted, this.not(hidden));
  }

  /** Whether some call is not denied; when that is not known, yes. */
  canPass(outcome: DiagramRef): boolean {
    return [...this.diagram.values(outcome)].some((value) => value !== DENIED);
  }

  /** Whether some call that a section is about is not denied; when that is not known, yes. */
  canPassWithin(outcome: DiagramRef, section: PolicySection): boolean {
    return this.canPass(this.diagram.join({ name: 'within', join: (isWithin, value) => (isWithin === 1 ? value : DENIED) }, this.binds(section), outcome));
  }

  /** How outcomes differ over all calls. */
  change(before: DiagramRef, after: DiagramRef): OutcomeChange {
    const found = this.diagram.values(this.diagram.join({ name: 'change', join: (a, b) => this.changeOf(a, b) }, before, after));
    if (found.has(UNKNOWN_VALUE)) return 'perhaps';
    const changes = [...found].filter((each) => each !== CHANGE.none);
    if (changes.length === 0) return 'none';
    if (changes.every((each) => each === CHANGE.tightened)) return 'tightened';
    if (changes.every((each) => each === CHANGE.loosened)) return 'loosened';
    return this.dependOnOtherQuestions(before, after) ? 'perhaps' : 'changed';
  }

  /** Whether one asks a question that the other does not and whose answer is not looked into. */
  private dependOnOtherQuestions(before: DiagramRef, after: DiagramRef): boolean {
    const [left, right] = [this.diagram.support(before), this.diagram.support(after)];
    const isAlone = (of: ReadonlySet<number>, other: ReadonlySet<number>): boolean => [...of].some((each) => !other.has(each) && this.conditions.isQuestion(each));
    return isAlone(left, right) || isAlone(right, left);
  }

  private changeOf(before: number, after: number): number {
    if (before === after) return CHANGE.none;
    if (after === DENIED || (before !== DENIED && this.approvals.includes(after, before))) return CHANGE.tightened;
    return before === DENIED || this.approvals.includes(before, after) ? CHANGE.loosened : CHANGE.changed;
  }

  /** For parts that admit, hide or deny: 1 where they do. For approvals: the set of those needed. */
  private truthOf({ section, part }: ActivePart): DiagramRef {
    const before = this.parts.get(part);
    if (before !== undefined) return before;
    const own = this.ownTruth(part);
    const bound = this.binds(section);
    const made = part.body.kind === 'approval' ? this.diagram.join({ name: 'where bound', join: (is, needs) => (is === 1 ? needs : PASSES) }, bound, own) : this.diagram.join(AND, bound, own);
    this.parts.set(part, made);
    return made;
  }

  private ownTruth(part: PolicyPart): DiagramRef {
    const { body } = part;
    switch (body.kind) {
      case 'hide':
        return this.nameMatches(body.entry);
      case 'deny_if': {
        const { onMissing } = body.element;
        return this.truth(part, (truth) => truth === TRUTH.yes || truth === TRUTH.error || (onMissing === 'deny' && truth === TRUTH.unknown), onMissing ?? 'deny_if');
      }
      case 'require':
        return this.truth(part, (truth) => truth !== TRUTH.yes, 'require');
      case 'approval': {
        const code = this.approvals.codeOf(approvalTerms(body.approval));
        return this.diagram.replace(`approval ${code}`, this.conditions.all(conditionsOf(part)), (truth) => approvalCode(truth, code));
      }
      default:
        return this.diagram.leaf(1);
    }
  }

  private truth(part: PolicyPart, holds: (truth: number) => boolean, name: string): DiagramRef {
    return this.diagram.replace(`as ${name}`, this.conditions.all(conditionsOf(part)), (truth) => (holds(truth) ? 1 : 0));
  }

  private binds({ scope }: PolicySection): DiagramRef {
    if (scope.kind === 'all') return this.diagram.leaf(1);
    if (scope.kind === 'tool') return this.diagram.leaf(scope.tool === this.about.tool ? 1 : 0);
    const answer = matches(scope.match, this.about);
    if (answer === 'yes' || answer === 'no') return this.diagram.leaf(answer === 'yes' ? 1 : 0);
    const labelled = this.diagram.replace('as label', this.conditions.all(answer.conditions), (truth) => (truth === TRUTH.yes ? 1 : 0));
    return answer.globs === undefined ? labelled : this.diagram.join(AND, labelled, this.either(answer.globs.map((glob) => this.nameMatches(glob))));
  }

  /** Where tools are not told apart by a glob, whether it matches is a variable. */
  private nameMatches(entry: string): DiagramRef {
    const is = isNamed(entry, this.about);
    if (is !== undefined) return this.diagram.leaf(is ? 1 : 0);
    const known = this.globs.get(entry);
    if (known !== undefined) return known;
    const made = this.diagram.ask(this.diagram.variable(), [this.diagram.leaf(0), this.diagram.leaf(1)]);
    this.globs.set(entry, made);
    return made;
  }

  private either(all: readonly DiagramRef[]): DiagramRef {
    return this.diagram.joinAll(OR, all, this.diagram.leaf(0));
  }

  private not(of: DiagramRef): DiagramRef {
    return this.diagram.replace('is not', of, (value) => 1 - value);
  }
}

/** An unknown condition asks for approval; one that cannot be evaluated denies. */
function approvalCode(truth: number, code: number): number {
  if (truth === TRUTH.error) return DENIED;
  return truth === TRUTH.no ? PASSES : code;
}

/** Sets of approvals, numbered from 2; 1 is the empty set. */
class ApprovalSets {
  private readonly sets: (readonly string[])[] = [[]];
  private readonly codes = new Map<string, number>([['', PASSES]]);

  codeOf(...terms: readonly string[]): number {
    const sorted = [...new Set(terms)].sort();
    const key = sorted.join('\n');
    const known = this.codes.get(key);
    if (known !== undefined) return known;
    if (this.sets.length >= UNKNOWN_VALUE - 1) return UNKNOWN_VALUE;
    this.codes.set(key, this.sets.push(sorted));
    return this.sets.length;
  }

  joined(left: number, right: number): number {
    if (left === DENIED || right === DENIED) return DENIED;
    return this.codeOf(...this.termsOf(left), ...this.termsOf(right));
  }

  includes(larger: number, smaller: number): boolean {
    const terms = this.termsOf(larger);
    return this.termsOf(smaller).every((each) => terms.includes(each));
  }

  private termsOf(code: number): readonly string[] {
    return this.sets[code - 1] ?? [];
  }
}

function matchConditions({ scope }: PolicySection, about: ToolClass): readonly Condition[] {
  const answer = scope.kind === 'select' ? matches(scope.match, about) : 'yes';
  return typeof answer === 'string' ? [] : answer.conditions;
}

/** What a part asks of a call, its times told apart by the zone they are in. */
function conditionsOf({ body, zone }: PolicyPart): readonly Condition[] {
  switch (body.kind) {
    case 'deny_if':
    case 'require':
      return body.element.conditions.map((each) => inZone(each, zone));
    case 'approval':
      return body.approval.when.map((each) => inZone(each, zone));
    default:
      return [];
  }
}

function inZone(condition: Condition, zone: string): Condition {
  switch (condition.kind) {
    case 'comparison': {
      const { path } = condition;
      return path.root.startsWith('time.') ? { ...condition, path: { ...path, steps: [{ kind: 'key', key: zone }] } } : condition;
    }
    case 'any':
    case 'all':
      return { ...condition, conditions: condition.conditions.map((each) => inZone(each, zone)) };
    case 'not':
      return { ...condition, condition: inZone(condition.condition, zone) };
    case 'cel':
      return zone === '' ? condition : { ...condition, source: `${condition.source} // ${zone}` };
  }
}
