import type { PossibleVerdict } from './possible-verdicts.js';
import type { CallOutcome, RecordedCall } from './recorded-call.js';
import type { ChangedCall, OutcomeCount, RuleCount, SimulatedOutcome, SimulationProgress, SimulationReport, UnknownCall } from './simulation-report.js';

const MAX_RULES = 100;
const MAX_NEEDED = 10;

/** What a call would come to: for sure, or what it may and which rules leave it open. */
export type SimulatedVerdict =
  | { readonly kind: 'sure'; readonly verdict: PossibleVerdict }
  | { readonly kind: 'unknown'; readonly mayBe: readonly CallOutcome[]; readonly openRules: readonly string[] };

/** Counts what simulated calls come to, and keeps a few of them as examples. Bounded whatever the number of calls. */
export class Tally {
  private readonly counts = new Map<string, { readonly was: CallOutcome; readonly wouldBe: SimulatedOutcome; calls: number }>();
  private readonly rules = new Map<string, { changed: number; unknown: number }>();
  private readonly examples: ChangedCall[] = [];
  private readonly unknownExamples: UnknownCall[] = [];
  private outside = 0;

  /**
   * @param pointerOf     Where the rule of an id stands.
   * @param examplesEach  How many calls to keep of each pair of outcomes.
   */
  constructor(
    private readonly pointerOf: (ruleId: string) => string | null,
    private readonly examplesEach: number,
  ) {}

  /** Counts a call that no policy decided. */
  addOutside(): void {
    this.outside += 1;
  }

  add(call: RecordedCall, simulated: SimulatedVerdict): void {
    const wouldBe = simulated.kind === 'sure' ? simulated.verdict.outcome : 'unknown';
    const calls = this.count(call.was.outcome, wouldBe);
    if (simulated.kind === 'unknown') this.addUnknown(call, simulated, calls);
    else if (wouldBe !== call.was.outcome) this.addChanged(call, simulated.verdict, calls);
  }

  report(progress: SimulationProgress): SimulationReport {
    const outcomes: readonly OutcomeCount[] = [...this.counts.values()].map((each) => ({ ...each })).sort((left, right) => right.calls - left.calls);
    const sum = (of: (each: OutcomeCount) => boolean): number => outcomes.filter(of).reduce((total, { calls }) => total + calls, 0);
    const unknown = sum(({ wouldBe }) => wouldBe === 'unknown');
    const unchanged = sum(({ was, wouldBe }) => was === wouldBe);
    const all = sum(() => true);
    return {
      ...progress,
      counted: all + this.outside,
      changed: all - unknown - unchanged,
      unchanged,
      unknown,
      outside: this.outside,
      outcomes,
      examples: [...this.examples],
      unknownExamples: [...this.unknownExamples],
      rules: this.ruleCounts(),
    };
  }

  private count(was: CallOutcome, wouldBe: SimulatedOutcome): number {
    const key = `${was} ${wouldBe}`;
    const known = this.counts.get(key);
    if (known === undefined) this.counts.set(key, { was, wouldBe, calls: 1 });
    else known.calls += 1;
    return known?.calls ?? 1;
  }

  private addChanged({ decisionId, atMs, tool, was }: RecordedCall, verdict: PossibleVerdict, calls: number): void {
    this.countRule(verdict.ruleId, 'changed');
    if (calls <= this.examplesEach) this.examples.push({ decisionId, atMs, tool, was, wouldBe: { ...verdict, pointer: this.pointerOf(verdict.ruleId) } });
  }

  private addUnknown({ decisionId, atMs, tool, was }: RecordedCall, { mayBe, openRules }: Extract<SimulatedVerdict, { kind: 'unknown' }>, calls: number): void {
    for (const ruleId of openRules) this.countRule(ruleId, 'unknown');
    if (calls > this.examplesEach) return;
    const needed = openRules.slice(0, MAX_NEEDED).map((ruleId) => this.pointerOf(ruleId) ?? ruleId);
    this.unknownExamples.push({ decisionId, atMs, tool, was, mayBe, needed });
  }

  private countRule(ruleId: string, what: 'changed' | 'unknown'): void {
    const known = this.rules.get(ruleId) ?? { changed: 0, unknown: 0 };
    known[what] += 1;
    this.rules.set(ruleId, known);
  }

  private ruleCounts(): readonly RuleCount[] {
    const all = [...this.rules].map(([ruleId, counts]) => ({ ruleId, pointer: this.pointerOf(ruleId), ...counts }));
    return all.sort((left, right) => right.changed + right.unknown - left.changed - left.unknown).slice(0, MAX_RULES);
  }
}
