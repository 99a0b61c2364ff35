import { namesSeveral } from '../conditions/read-path.js';
import { Compilation } from '../conditions/compilation.js';
import type { Comparison, Condition, Path } from '../document.js';
import type { Diagram, DiagramRef } from './diagram.js';
import { severalPlaces, singlePlace, type PlaceDiagram } from './place-diagram.js';
import { placeOf } from './place-of.js';
import { typeOfPlace, type PlaceType } from './place-values.js';
import { AND, OR, TRUTH, negated } from './truths.js';

/** Pattern steps that testing the values named in conditions may cost together. */
const MAX_TEST_STEPS = 500_000;

/** What is known of a path besides what every call has there; undefined for nothing. */
export type KnownFacts = (path: Path) => PlaceType | undefined;

/**
 * Conditions as functions of what a call may hold, truths as `TRUTH` numbers them. Exact about presence, equality, order
 * and length; what a pattern, a host list, a schema or a CEL expression comes to is a question of its own, the same
 * wherever it is asked of the same place. Two places are taken to be independent, also where one lies inside the other.
 */
export class ConditionDiagrams {
  private readonly places = new Map<string, PlaceDiagram>();
  private readonly expressions = new Map<string, DiagramRef>();
  private readonly questions = new Set<number>();

  /** @param conditions All that will be asked for, since they divide the values of a place together. */
  constructor(
    private readonly diagram: Diagram,
    conditions: readonly Condition[],
    private readonly facts: KnownFacts = () => undefined,
  ) {
    const testing = { compilation: new Compilation(), meter: { stepsLeft: MAX_TEST_STEPS } };
    for (const [place, comparisons] of byPlace(conditions)) {
      const [first] = comparisons;
      const parts = { diagram, comparisons, type: this.facts(first.path) ?? typeOfPlace(first.path), testing, noteQuestion: (variable: number) => this.questions.add(variable) };
      this.places.set(place, namesSeveral(first.path) ? severalPlaces(parts) : singlePlace(parts));
    }
  }

  /** The truth of a condition. */
  truthOf(condition: Condition): DiagramRef {
    switch (condition.kind) {
      case 'comparison':
        return this.places.get(placeOf(condition.path))?.truthOf(condition) ?? this.diagram.leaf(TRUTH.error);
      case 'all':
        return this.all(condition.conditions);
      case 'any':
        return this.diagram.joinAll(OR, condition.conditions.map((each) => this.truthOf(each)), this.diagram.leaf(TRUTH.no));
      case 'not':
        return this.diagram.replace('not', this.truthOf(condition.condition), negated);
      case 'cel':
        return this.expression(condition.source);
    }
  }

  /** The truth of conditions joined by AND. */
  all(conditions: readonly Condition[]): DiagramRef {
    return this.diagram.joinAll(AND, conditions.map((each) => this.truthOf(each)), this.diagram.leaf(TRUTH.yes));
  }

  /** Whether a variable stands for a question whose answer is not looked into. */
  isQuestion(variable: number): boolean {
    return this.questions.has(variable);
  }

  private expression(source: string): DiagramRef {
    const before = this.expressions.get(source);
    if (before !== undefined) return before;
    const variable = this.diagram.variable();
    this.questions.add(variable);
    const made = this.diagram.ask(variable, Object.values(TRUTH).map((truth) => this.diagram.leaf(truth)));
    this.expressions.set(source, made);
    return made;
  }
}

/** The comparisons in conditions, groups and negations gone through. */
export function comparisonsIn(conditions: readonly Condition[]): readonly Comparison[] {
  return conditions.flatMap((condition) => {
    switch (condition.kind) {
      case 'comparison':
        return [condition];
      case 'all':
      case 'any':
        return comparisonsIn(condition.conditions);
      case 'not':
        return comparisonsIn([condition.condition]);
      case 'cel':
        return [];
    }
  });
}

function byPlace(conditions: readonly Condition[]): ReadonlyMap<string, readonly [Comparison, ...Comparison[]]> {
  const places = new Map<string, [Comparison, ...Comparison[]]>();
  for (const comparison of comparisonsIn(conditions)) {
    const place = placeOf(comparison.path);
    const known = places.get(place);
    if (known === undefined) places.set(place, [comparison]);
    else known.push(comparison);
  }
  return places;
}
