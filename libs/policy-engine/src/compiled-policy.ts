import type { ConditionTest } from './conditions/compile-condition.js';
import type { DefaultEffect, PolicyMode } from './document.js';
import type { PlannedLimit } from './limits/spend.js';
import type { Verdict } from './verdict.js';
import type { NameTest } from './visibility.js';

/** A refusal, as the engine says it. */
export type Denial = Extract<Verdict, { effect: 'deny' }>;

/** One element of `require` or `deny_if`, with the verdict it gives ready made. */
export interface PlannedRule {
  readonly ruleId: string;
  /** All its conditions together. */
  readonly holds: ConditionTest;
  readonly denial: Denial;
  /** Given when a condition could not be evaluated within its bounds. */
  readonly failure: Denial;
  /** One line for people, without the rule's id. */
  readonly what: string;
}

/** All that is decided about the calls of one tool: its own rules, then those of `all_tools`. */
export interface ToolPlan {
  readonly admittedBy: string;
  readonly denyIf: readonly PlannedRule[];
  readonly require: readonly PlannedRule[];
  readonly approval: Denial | undefined;
  /** Each counter once. */
  readonly limits: readonly PlannedLimit[];
  readonly searchesPatterns: boolean;
}

/** A policy ready to decide. Immutable, shared by all calls; made by `compilePolicy`. */
export interface CompiledPolicy {
  readonly default: DefaultEffect;
  readonly mode: PolicyMode;
  /** By tool name: the tools that the policy names and does not hide. */
  readonly plans: ReadonlyMap<string, ToolPlan>;
  /** For tools that no rule names, when `default` is `allow`. */
  readonly unnamed: ToolPlan | undefined;
  readonly hides: NameTest;
}
