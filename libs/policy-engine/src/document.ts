import type { Decimal, JsonValue } from '@sallyport/kernel';

/** What happens to a tool that no rule names. */
export type DefaultEffect = 'allow' | 'deny';

/** `shadow`: decide and record, never block. Which version of a policy is live is the gateway's business. */
export type PolicyMode = 'enforce' | 'shadow';

/** The operators of a comparison. */
export const OPS = ['eq', 'neq', 'in', 'not_in', 'lt', 'lte', 'gt', 'gte', 'exists', 'regex', 'contains'] as const;
/** One of `OPS`. */
export type Op = (typeof OPS)[number];

/** Where a path starts when not in the call's arguments: at one fact about the call. Times are UTC, `time.weekday` is `monday` to `sunday`. */
export const CONTEXT_ROOTS = [
  'identity.id',
  'identity.kind',
  'identity.name',
  'identity.labels',
  'grant.id',
  'grant.labels',
  'server.slug',
  'tool.name',
  'client.name',
  'time.hour',
  'time.weekday',
  'time.date',
] as const;
/** One of `CONTEXT_ROOTS`. */
export type ContextRoot = (typeof CONTEXT_ROOTS)[number];

/** One step into a value. `token` is a JSON Pointer token: a key of an object or an index of a list, whichever is met. */
export type PathStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'token'; readonly token: string };

/**
 * A parsed path. `text` is what the author wrote: `args.items[*].price`, or the pointer of `{ "pointer": "/a.b/c" }`,
 * which starts at the arguments.
 */
export interface Path {
  readonly text: string;
  readonly form: 'dotted' | 'pointer';
  readonly root: 'args' | ContextRoot;
  readonly steps: readonly PathStep[];
}

/** One comparison of a value with what a path finds. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly path: Path;
  readonly op: Op;
  readonly value: JsonValue;
}

/** A condition; further kinds join this union. */
export type Condition = Comparison;

/** One element of `require` or `deny_if`: its conditions are joined by AND. */
export interface RuleElement {
  readonly conditions: readonly Condition[];
  readonly onDeny?: string;
}

/** A calendar window in UTC, or a number of seconds counted from the epoch. */
export type LimitWindow = 'minute' | 'hour' | 'day' | number;

/** What a counter is kept for. */
export type LimitScope = 'grant' | 'session';

/** At most `max` units in each window. */
export interface Limit {
  readonly counter: string;
  readonly window: LimitWindow;
  readonly max: Decimal;
  readonly scope: LimitScope;
  /** The argument that is counted; a call counts as 1 without it. */
  readonly incrementFrom?: Path;
  readonly onDeny?: string;
}

/** The short forms of a rule; `expandRule` says what they mean. */
export type RuleAction = 'allow' | 'deny' | 'require_approval';

/** The rules of one tool, or of all tools. */
export interface Rule {
  readonly require: readonly RuleElement[];
  readonly denyIf: readonly RuleElement[];
  readonly limits: readonly Limit[];
  readonly action?: RuleAction;
  readonly reason?: string;
  /** `windowSeconds` whole seconds, counted for each session. */
  readonly rateLimit?: { readonly max: Decimal; readonly windowSeconds: number };
}

/** A policy document as written: parsed and checked, sugar kept as it stands. Made by `parsePolicy`. */
export interface PolicyDocument {
  readonly version: '1';
  readonly description?: string;
  readonly default: DefaultEffect;
  readonly mode: PolicyMode;
  /** Names, or globs in which `*` stands for any run of characters. */
  readonly hide: readonly string[];
  readonly allTools?: Rule;
  /** By tool name, in the order written. */
  readonly tools: ReadonlyMap<string, Rule>;
}
