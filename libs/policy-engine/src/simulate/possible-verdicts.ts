import type { CompiledPolicy, PlannedFlowDenial, ToolPlan } from '../compiled-policy.js';
import type { Condition } from '../document.js';
import { meterFor, planFor, refuseName } from '../decide.js';
import { askOf, type PlannedLimit } from '../limits/spend.js';
import type { OpenCall } from './open-call.js';
import { allPossible, MAY_BE, type PossibleTest } from './possible-truths.js';
import type { CallOutcome } from './recorded-call.js';
import type { ReplayedAsk } from './replayed-counters.js';
import type { Borne } from './replayed-marks.js';

/** One outcome a call may have had, and the rule that settles it so. */
export interface PossibleVerdict {
  readonly outcome: CallOutcome;
  readonly ruleId: string;
  readonly reasonCode: string | null;
}

/**
 * What may have become of a call, up to its limits. `stops`: by what it may have been stopped, in the order rules are asked.
 * `passes`: undefined when it was surely stopped. `openRules`: the rules that could not be settled.
 */
export interface PossibleVerdicts {
  readonly stops: readonly PossibleVerdict[];
  readonly passes: { readonly plan: ToolPlan; readonly asks: readonly ReplayedAsk[] } | undefined;
  readonly openRules: readonly string[];
}

/** Which paths a limit reads, by its rule id: the engine's own plan reads them without saying. */
export type LimitPaths = (ruleId: string) => { readonly isAmountOpen: (open: OpenCall) => boolean; readonly isScopeOpen: (open: OpenCall) => boolean };

/** What is known of a call besides the call itself. */
export interface Standing {
  /** Whether the caller's identity bore the mark of a flow then. */
  readonly bears: (flow: PlannedFlowDenial) => Borne;
  /** It went ahead under an approval: it asks for none again. */
  readonly isApproved: boolean;
}

const { yes, unknown, error, no } = MAY_BE;

/** Works out, rule by rule, what may have become of a call, given what was kept of it. Makes its tests once for each rule. */
export class VerdictReader {
  private readonly tests = new WeakMap<object, PossibleTest>();

  constructor(
    private readonly policy: CompiledPolicy,
    private readonly limits: LimitPaths,
  ) {}

  read(open: OpenCall, standing: Standing): PossibleVerdicts {
    const plan = planFor(this.policy, open.call.tool, open.call.labels);
    if (plan !== undefined) return this.readPlan(plan, open, standing);
    const { ruleId, reasonCode } = refuseName(this.policy, open.call.tool);
    return { stops: [{ outcome: 'denied', ruleId, reasonCode }], passes: undefined, openRules: [] };
  }

  private readPlan(plan: ToolPlan, open: OpenCall, standing: Standing): PossibleVerdicts {
    const found = new Found();
    this.readRules(plan, open, found);
    readFlows(plan, open, { ...standing, found });
    if (!standing.isApproved) this.readApprovals(plan, open, found);
    const asks = found.isSettled ? undefined : this.readLimits(plan, open, found);
    return { stops: found.stops, openRules: found.openRules, passes: asks === undefined ? undefined : { plan, asks } };
  }

  private readRules(plan: ToolPlan, open: OpenCall, found: Found): void {
    const meter = meterFor(plan);
    for (const rule of plan.denyIf) {
      if (found.isSettled) return;
      const truths = this.testOf(rule)(open, meter);
      const stopping = truths & (yes | error | (rule.deniesUnknown ? unknown : 0));
      found.add({ outcome: 'denied', ruleId: rule.ruleId, reasonCode: stopping === error ? 'evaluation_error' : 'rule_denied' }, { may: stopping !== 0, must: stopping === truths });
    }
    for (const rule of plan.require) {
      if (found.isSettled) return;
      const truths = this.testOf(rule)(open, meter);
      const stopping = truths & (no | unknown | error);
      found.add({ outcome: 'denied', ruleId: rule.ruleId, reasonCode: stopping === error ? 'evaluation_error' : 'require_failed' }, { may: stopping !== 0, must: stopping === truths });
    }
  }

  private readApprovals(plan: ToolPlan, open: OpenCall, found: Found): void {
    const meter = meterFor(plan);
    for (const approval of plan.approvals) {
      if (found.isSettled) return;
      const truths = this.testOf({ key: approval, conditions: approval.conditions })(open, meter);
      const ruleId = approval.terms.ruleId;
      found.add({ outcome: 'denied', ruleId, reasonCode: 'evaluation_error' }, { may: (truths & error) !== 0, must: truths === error });
      if (!found.isSettled) found.add({ outcome: 'approval_required', ruleId, reasonCode: 'approval_required' }, { may: (truths & (yes | unknown)) !== 0, must: (truths & no) === 0 });
    }
  }

  private readLimits(plan: ToolPlan, open: OpenCall, found: Found): readonly ReplayedAsk[] | undefined {
    const asks: ReplayedAsk[] = [];
    for (const limit of plan.limits) {
      const paths = this.limits(limit.ruleId);
      const [isAmountOpen, isScopeOpen] = [paths.isAmountOpen(open), paths.isScopeOpen(open)];
      const ask = askOf(readable(limit, { isAmountOpen, isScopeOpen }), open.call);
      const isOpen = isAmountOpen || isScopeOpen;
      found.add({ outcome: 'denied', ruleId: limit.ruleId, reasonCode: 'limit_amount_invalid' }, { may: isOpen || ask === undefined, must: !isOpen && ask === undefined });
      if (ask === undefined) return undefined;
      asks.push({ ask, isAmountOpen, isScopeOpen });
    }
    return asks;
  }

  private testOf(rule: { readonly conditions: readonly Condition[]; readonly key?: object }): PossibleTest {
    const key = rule.key ?? rule;
    const known = this.tests.get(key);
    if (known !== undefined) return known;
    const made = allPossible(rule.conditions, this.policy.compilation);
    this.tests.set(key, made);
    return made;
  }
}

/** What was found so far; settled once nothing later can matter. */
class Found {
  readonly stops: PossibleVerdict[] = [];
  readonly openRules: string[] = [];
  isSettled = false;

  add(verdict: PossibleVerdict, sure: { readonly may: boolean; readonly must: boolean }): void {
    if (!sure.may) return;
    this.stops.push(verdict);
    if (sure.must) this.isSettled = true;
    else this.openRules.push(verdict.ruleId);
  }
}

function readFlows(plan: ToolPlan, { call }: OpenCall, { bears, isApproved, found }: Standing & { readonly found: Found }): void {
  const binding = plan.flows.filter(({ servers, terms }) => (servers === undefined || servers.includes(call.server.slug)) && (terms === undefined || !isApproved));
  for (const flow of [...binding.filter(({ terms }) => terms === undefined), ...binding.filter(({ terms }) => terms !== undefined)]) {
    if (found.isSettled) return;
    const borne = bears(flow);
    const outcome = flow.terms === undefined ? 'denied' : 'approval_required';
    found.add({ outcome, ruleId: flow.ruleId, reasonCode: flow.terms === undefined ? 'flow_denied' : 'approval_required' }, { may: borne !== 'no', must: borne === 'yes' });
  }
}

/** A limit that reads nothing which was not kept. */
function readable(limit: PlannedLimit, { isAmountOpen, isScopeOpen }: Omit<ReplayedAsk, 'ask'>): PlannedLimit {
  if (!isAmountOpen && !isScopeOpen) return limit;
  return { ...limit, ...(isAmountOpen ? { readAmount: undefined } : {}), ...(isScopeOpen ? { readScope: () => '' } : {}) };
}
