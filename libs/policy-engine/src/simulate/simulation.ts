import type { CompiledPolicy, PlannedFlowDenial } from '../compiled-policy.js';
import { compilePolicy } from '../compile-policy.js';
import type { Limit, PolicyDocument } from '../document.js';
import { policySections } from '../diff/policy-sections.js';
import type { PolicyPart } from '../diff/policy-part.js';
import { NO_RULE } from '../rule-ids.js';
import { openCall, type OpenCall } from './open-call.js';
import { openness } from './possible-truths.js';
import { VerdictReader, type LimitPaths, type PossibleVerdict, type PossibleVerdicts } from './possible-verdicts.js';
import type { CallOutcome, RecordedCall } from './recorded-call.js';
import { LONGEST_CALL_MS, ReplayedCounters, type CounterAnswer } from './replayed-counters.js';
import { ReplayedMarks, type Borne } from './replayed-marks.js';
import type { SimulationProgress, SimulationReport } from './simulation-report.js';
import { Tally, type SimulatedVerdict } from './tally.js';

/** How a simulation is to be run. */
export interface SimulationOptions {
  /**
   * Since when every call of the policy is given, Unix milliseconds: what counters and marks held before is not known, and
   * is never guessed. The time of the first call given where it is left out; `-Infinity` where there were none before.
   */
  readonly knownFromMs?: number;
  /** Which calls to count; all where it is left out. The others are replayed for the limits and marks they use. */
  readonly counts?: (call: RecordedCall) => boolean;
  /** How many calls to keep as examples of each pair of outcomes. 5 where it is left out. */
  readonly examplesEach?: number;
}

/** Codes of refusals that are not a policy's to make: the call stays refused whatever the policy says. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'quarantined',
  'policy_stale',
  'clock_skew',
  'limit_store_unavailable',
  'limit_store_reset',
  'audit_unavailable',
  'request_malformed',
  'server_unavailable',
  'too_many_calls',
]);
const NEVER = (): boolean => false;
const STEP = 1_000;

/**
 * Replays recorded decisions under a document. Calls are given one by one in the order of time, as they are read; whoever
 * gives them may stop at any of them, and ask for the report at any of them. Holds counters, marks and examples, no calls.
 */
export class Simulation {
  private readonly policy: CompiledPolicy;
  private readonly reader: VerdictReader;
  private readonly tally: Tally;
  private readonly asksLabels: boolean;
  private readonly longestMarkMs: number;
  private replay: { readonly counters: ReplayedCounters; readonly marks: ReplayedMarks } | undefined;
  private taken = 0;
  private atMs: number | null = null;

  constructor(
    private readonly document: PolicyDocument,
    private readonly options: SimulationOptions = {},
  ) {
    const parts = policySections(document).flatMap((section) => section.parts);
    const byRule = new Map(parts.flatMap((part) => (part.ruleId === null ? [] : [[part.ruleId, part] as const])));
    this.policy = compilePolicy(document);
    this.reader = new VerdictReader(this.policy, limitPaths(byRule));
    this.tally = new Tally((ruleId) => pointerOf(ruleId, byRule), options.examplesEach ?? 5);
    this.asksLabels = [...document.select.map(({ match }) => match), ...document.flows.flatMap(({ after, deny }) => [after, deny])].some(
      ({ category, risk, annotations }) => category !== undefined || risk !== undefined || annotations !== undefined,
    );
    this.longestMarkMs = Math.max(0, ...document.flows.map(({ within }) => (within === 'session' ? 3_600 : within))) * 1_000;
  }

  /** Takes the next call. One that is earlier than the one before it finds counters and marks unknown. */
  take(call: RecordedCall): void {
    const isLate = this.atMs !== null && call.atMs < this.atMs;
    this.taken += 1;
    if (!isLate) this.atMs = call.atMs;
    const isCounted = this.options.counts?.(call) ?? true;
    if (call.was.reasonCode !== null && OUTSIDE.has(call.was.reasonCode)) {
      if (isCounted) this.tally.addOutside();
      return;
    }
    const simulated = this.simulate(call, isLate);
    if (isCounted) this.tally.add(call, simulated);
  }

  /** How far it has come. */
  progress(): SimulationProgress {
    return { taken: this.taken, atMs: this.atMs };
  }

  /** What was found so far. */
  report(): SimulationReport {
    return this.tally.report(this.progress());
  }

  private simulate(record: RecordedCall, isLate: boolean): SimulatedVerdict {
    if (record.tool === null) return { kind: 'sure', verdict: this.byDefault() };
    const { counters, marks } = this.replayFrom(record.atMs);
    const isUnlabelled = record.labels === undefined && this.asksLabels && !this.policy.hides(record.tool);
    if (isLate || isUnlabelled) this.forgetBefore((this.atMs ?? record.atMs) + 1);
    if (isUnlabelled) return UNLABELLED;
    const open = openCall(record, record.tool);
    const at = { atMs: record.atMs, longestMs: this.longestMarkMs };
    const bears = ({ mark }: PlannedFlowDenial): Borne => (isLate ? 'perhaps' : marks.borne(record.identity.id, mark, at));
    const read = this.reader.read(open, { bears, isApproved: record.isApproved === true });
    if (read.passes === undefined) return settled(read, undefined, false);
    const answer = isLate && read.passes.asks.length > 0 ? { kind: 'perhaps' as const, asks: read.passes.asks.map(({ ask }) => ask) } : counters.ask(read.passes.asks, record.atMs);
    const simulated = settled(read, answer, record.isApproved === true);
    this.goAhead(record, open, { read: read.passes, simulated, answer, isLate });
    return simulated;
  }

  private goAhead(record: RecordedCall, open: OpenCall, { read, simulated, answer, isLate }: Going): void {
    if (answer.kind === 'exceeds' || isLate) return;
    const { counters, marks } = this.replayFrom(record.atMs);
    const isSure = simulated.kind === 'sure';
    counters.take(read.asks, { atMs: record.atMs, isSure, end: record.end });
    this.leaveMarks(record, open, { plan: read.plan, isSure, marks });
  }

  /** Marks are left, and renewed, when a call is answered: from then on, and not where it was refused or lost. */
  private leaveMarks(record: RecordedCall, open: OpenCall, { plan, isSure, marks }: Leaving): void {
    const { atMs, end } = record;
    if (end?.how === 'refused' || end?.how === 'lost') return;
    const leave = (mark: string, seconds: number, isKnown: boolean): void =>
      marks.leave(record.identity.id, mark, { atMs, fromMs: end?.atMs ?? atMs, untilMs: (end?.atMs ?? atMs + LONGEST_CALL_MS) + seconds * 1_000, isSure: isSure && isKnown && end !== undefined });
    for (const { servers, left } of plan.marks) if (servers === undefined || servers.includes(open.call.server.slug)) leave(left.mark, left.seconds, true);
    for (const { mark, seconds } of plan.renewed) {
      const borne = marks.borne(record.identity.id, mark, { atMs, longestMs: this.longestMarkMs });
      if (borne !== 'no') leave(mark, seconds, borne === 'yes');
    }
  }

  private replayFrom(atMs: number): NonNullable<Simulation['replay']> {
    const knownFromMs = this.options.knownFromMs ?? atMs;
    this.replay ??= { counters: new ReplayedCounters(knownFromMs), marks: new ReplayedMarks(knownFromMs) };
    return this.replay;
  }

  private forgetBefore(ms: number): void {
    this.replay?.counters.forgetBefore(ms);
    this.replay?.marks.forgetBefore(ms);
  }

  private byDefault(): PossibleVerdict {
    if (this.document.default === 'allow') return { outcome: 'allowed', ruleId: NO_RULE.defaultAllow, reasonCode: null };
    return { outcome: 'denied', ruleId: NO_RULE.defaultDeny, reasonCode: 'default_deny' };
  }
}

interface Going {
  readonly read: NonNullable<PossibleVerdicts['passes']>;
  readonly simulated: SimulatedVerdict;
  readonly answer: CounterAnswer;
  readonly isLate: boolean;
}

interface Leaving {
  readonly plan: Going['read']['plan'];
  readonly isSure: boolean;
  readonly marks: ReplayedMarks;
}

const UNLABELLED: SimulatedVerdict = { kind: 'unknown', mayBe: ['allowed', 'denied', 'limited', 'approval_required'], openRules: [] };

/**
 * Replays calls, one step after the other: each step yields how far it has come, and the last one returns the report. To
 * cancel, ask for no further step.
 */
export function* simulate(document: PolicyDocument, calls: Iterable<RecordedCall>, options: SimulationOptions & { readonly callsEach?: number } = {}): Generator<SimulationProgress, SimulationReport, void> {
  const simulation = new Simulation(document, options);
  const callsEach = options.callsEach ?? STEP;
  let taken = 0;
  for (const call of calls) {
    simulation.take(call);
    taken += 1;
    if (taken % callsEach === 0) yield simulation.progress();
  }
  return simulation.report();
}

/** One outcome for sure, or several possible ones. */
function settled({ stops, passes, openRules }: PossibleVerdicts, answer: CounterAnswer | undefined, isApproved: boolean): SimulatedVerdict {
  const possible: PossibleVerdict[] = [...stops];
  const rules = [...openRules];
  if (passes !== undefined && answer !== undefined) {
    const over = answer.kind === 'exceeds' ? [answer.ask] : answer.kind === 'perhaps' ? answer.asks : [];
    for (const { ruleId, approval } of over) {
      if (approval !== null && isApproved) continue;
      possible.push(approval === null ? { outcome: 'limited', ruleId, reasonCode: 'limit_exceeded' } : { outcome: 'approval_required', ruleId, reasonCode: 'approval_required' });
    }
    if (answer.kind === 'perhaps') rules.push(...answer.asks.map(({ ruleId }) => ruleId));
    if (answer.kind !== 'exceeds' || (isApproved && answer.ask.approval !== null)) possible.push({ outcome: 'allowed', ruleId: passes.plan.admittedBy, reasonCode: null });
  }
  const mayBe: readonly CallOutcome[] = [...new Set(possible.map(({ outcome }) => outcome))];
  const [verdict] = possible;
  return mayBe.length === 1 && verdict !== undefined ? { kind: 'sure', verdict } : { kind: 'unknown', mayBe, openRules: [...new Set(rules)] };
}

function limitPaths(byRule: ReadonlyMap<string, PolicyPart>): LimitPaths {
  const known = new Map<string, ReturnType<LimitPaths>>();
  return (ruleId) => {
    const before = known.get(ruleId);
    if (before !== undefined) return before;
    const body = byRule.get(ruleId)?.body;
    const made = body?.kind === 'limit' ? pathsOf(body.limit) : { isAmountOpen: NEVER, isScopeOpen: NEVER };
    known.set(ruleId, made);
    return made;
  };
}

function pathsOf({ incrementFrom, scope }: Limit): ReturnType<LimitPaths> {
  return {
    isAmountOpen: incrementFrom === undefined ? NEVER : openness(incrementFrom),
    isScopeOpen: typeof scope === 'string' ? NEVER : openness(scope.argument),
  };
}

function pointerOf(ruleId: string, byRule: ReadonlyMap<string, PolicyPart>): string | null {
  const part = byRule.get(ruleId);
  return part?.pointer ?? (ruleId.startsWith('/') ? ruleId : null);
}
