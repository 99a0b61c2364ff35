import type { Compilation } from './conditions/compilation.js';
import type { ConditionTest } from './conditions/condition-test.js';
import type { Condition, DefaultEffect, PolicyMode, RecordLevel } from './document.js';
import type { PlannedLimit } from './limits/spend.js';
import type { ToolTest } from './tool-match.js';
import type { ApprovalTerms, FlowMark, PlacedResponse, ToolLabels, Verdict } from './verdict.js';
import type { NameTest } from './visibility.js';

/** A refusal, as the engine says it. */
export type Denial = Extract<Verdict, { effect: 'deny' }>;

/** One element of `require` or `deny_if`, with the verdict it gives ready made. */
export interface PlannedRule {
  readonly ruleId: string;
  /** All its conditions together. */
  readonly holds: ConditionTest;
  /** Whether an unknown denies: in `require` always, in `deny_if` where the element says so. */
  readonly deniesUnknown: boolean;
  readonly denial: Denial;
  /** Given when a condition could not be evaluated within its bounds. */
  readonly failure: Denial;
  readonly conditions: readonly Condition[];
}

/** An approval that some calls need. */
export interface PlannedApproval {
  readonly applies: ConditionTest;
  readonly terms: ApprovalTerms;
  readonly failure: Denial;
  readonly conditions: readonly Condition[];
}

/** What one flow means for the calls of one tool that it may deny. */
export interface PlannedFlowDenial {
  readonly ruleId: string;
  readonly mark: string;
  /** By slug; undefined: every server. */
  readonly servers: readonly string[] | undefined;
  readonly denial: Denial;
  /** Where an approval may lift it. */
  readonly terms: ApprovalTerms | undefined;
}

/** A mark that the calls of one tool leave. */
export interface PlannedFlowMark {
  readonly ruleId: string;
  readonly servers: readonly string[] | undefined;
  readonly left: FlowMark;
}

/** The prepared rules of one tool, of one entry of `select`, or of all tools. */
export interface PlannedSection {
  readonly denyIf: readonly PlannedRule[];
  readonly require: readonly PlannedRule[];
  readonly approvals: readonly PlannedApproval[];
  readonly limits: readonly PlannedLimit[];
  readonly responses: readonly PlacedResponse[];
  readonly record: RecordLevel | undefined;
  /** Whether evaluating it draws on a meter. */
  readonly isMetered: boolean;
}

/** One entry of `select`, prepared. */
export interface PlannedSelection {
  readonly ruleId: string;
  readonly matches: ToolTest;
  readonly allow: boolean;
  readonly section: PlannedSection;
}

/** One entry of `flows`, prepared. */
export interface PlannedFlow {
  readonly after: ToolTest;
  readonly mark: PlannedFlowMark;
  readonly deny: ToolTest;
  readonly denial: PlannedFlowDenial;
  /** Renewed by every allowed call of an identity that bears it. */
  readonly isRenewed: boolean;
}

/** All that is decided about the calls of one tool: its own rules, those of `select` that match it, those of `all_tools`. */
export interface ToolPlan {
  readonly admittedBy: string;
  readonly denyIf: readonly PlannedRule[];
  readonly require: readonly PlannedRule[];
  readonly flows: readonly PlannedFlowDenial[];
  readonly approvals: readonly PlannedApproval[];
  /** Each counter once. */
  readonly limits: readonly PlannedLimit[];
  readonly marks: readonly PlannedFlowMark[];
  /** Marks that an allowed call renews where they are borne. */
  readonly renewed: readonly FlowMark[];
  /** Every mark that a decision about this tool asks for, each once. */
  readonly asksFor: readonly string[];
  readonly responses: readonly PlacedResponse[];
  readonly record: RecordLevel;
  readonly isMetered: boolean;
}

/** A policy ready to decide. Shared by all calls; made by `compilePolicy`. What it keeps beside plans made ready is invisible. */
export interface CompiledPolicy {
  readonly default: DefaultEffect;
  readonly mode: PolicyMode;
  /** By tool name, where nothing but the name decides what is asked; made at compile time. Empty where `select` or `flows` ask more. */
  readonly plans: ReadonlyMap<string, ToolPlan>;
  /** For tools that no rule names, when `default` is `allow` and nothing but the name decides. */
  readonly unnamed: ToolPlan | undefined;
  /** Plans by labels and name, made at the first call; undefined where `plans` has them all. */
  readonly planFor: ((tool: string, labels: ToolLabels) => ToolPlan | undefined) | undefined;
  /** The first rule about answers, whichever tools it is for; undefined where there is none. */
  readonly answerRule: string | undefined;
  readonly hides: NameTest;
  readonly compilation: Compilation;
}
