import type { ExplainedStep, SeenCondition } from '@sallyport/policy-engine';

const HELD = { yes: 'holds', no: 'does not hold', unknown: 'cannot be told' } as const satisfies Record<ExplainedStep['held'], string>;

/** A condition with what it saw; `depth` is 0 for one of the rule itself and grows inside groups. */
export interface ToldCondition {
  readonly depth: number;
  readonly what: string;
  readonly held: ExplainedStep['held'];
  readonly saw: string | null;
}

/** Rules looked at, as GraphQL's `ExplainedStep`s: groups of conditions laid flat. */
export function stepsToGraphql(steps: readonly ExplainedStep[]) {
  return steps.map(({ ruleId, what, held, conditions }) => ({ ruleId, what, held, conditions: laidFlat(conditions, 0) }));
}

/** A sentence for each rule looked at. */
export function stepSentences(steps: readonly ExplainedStep[]): readonly string[] {
  return steps.map((step) => `${step.ruleId}: ${step.what}: ${HELD[step.held]}`);
}

function laidFlat(conditions: readonly SeenCondition[], depth: number): readonly ToldCondition[] {
  return conditions.flatMap(({ what, held, saw, of }) => [{ depth, what, held, saw }, ...laidFlat(of, depth + 1)]);
}
