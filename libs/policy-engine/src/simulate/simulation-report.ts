import type { CallOutcome } from './recorded-call.js';
import type { PossibleVerdict } from './possible-verdicts.js';

/** What a simulated call comes to. `unknown`: it depends on what was not kept. */
export type SimulatedOutcome = CallOutcome | 'unknown';

/** How many calls went from one outcome to another, or might. */
export interface OutcomeCount {
  readonly was: CallOutcome;
  readonly wouldBe: SimulatedOutcome;
  readonly calls: number;
}

/** One call that would come to something else. */
export interface ChangedCall {
  readonly decisionId: string;
  readonly atMs: number;
  readonly tool: string | null;
  readonly was: { readonly outcome: CallOutcome; readonly ruleId: string | null; readonly reasonCode: string | null };
  /** `pointer`: where the rule stands in the simulated document; `null` for a rule id that stands for no rule. */
  readonly wouldBe: PossibleVerdict & { readonly pointer: string | null };
}

/** One call of which it cannot be told what it would come to. */
export interface UnknownCall {
  readonly decisionId: string;
  readonly atMs: number;
  readonly tool: string | null;
  readonly was: ChangedCall['was'];
  /** What it may come to. */
  readonly mayBe: readonly CallOutcome[];
  /** Pointers of the rules that need what was not kept, at most 10. */
  readonly needed: readonly string[];
}

/** How many calls a rule would settle that come to something else, and how many it leaves unknown. */
export interface RuleCount {
  readonly ruleId: string;
  readonly pointer: string | null;
  readonly changed: number;
  readonly unknown: number;
}

/** How far a simulation has come. */
export interface SimulationProgress {
  /** Calls taken, those that are only replayed for their limits included. */
  readonly taken: number;
  /** Time of the last one, Unix milliseconds; `null` before the first. */
  readonly atMs: number | null;
}

/** What a simulation found over the calls it was given. */
export interface SimulationReport extends SimulationProgress {
  /** The calls counted: `changed` + `unchanged` + `unknown` + `outside`. */
  readonly counted: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly unknown: number;
  /** Calls that no policy decided: a quarantined tool, a stale worker, a store away. */
  readonly outside: number;
  /** The most frequent first. */
  readonly outcomes: readonly OutcomeCount[];
  /** The first of each pair of outcomes. */
  readonly examples: readonly ChangedCall[];
  readonly unknownExamples: readonly UnknownCall[];
  /** The most frequent first, at most 100. */
  readonly rules: readonly RuleCount[];
}
