import type { Decimal, JsonValue } from '@sallyport/kernel';

/** What happens to a tool that no rule names. */
export type DefaultEffect = 'allow' | 'deny';

/** `shadow`: decide and record, never block. Which version of a policy is live is the gateway's business. */
export type PolicyMode = 'enforce' | 'shadow';

/** The operators of a comparison. */
export const OPS = [
  'eq',
  'neq',
  'in',
  'not_in',
  'lt',
  'lte',
  'gt',
  'gte',
  'exists',
  'regex',
  'contains',
  'starts_with',
  'ends_with',
  'length_gt',
  'length_lt',
  'host_in',
  'host_not_in',
  'matches_schema',
] as const;
/** One of `OPS`. */
export type Op = (typeof OPS)[number];

/**
 * Where a path starts when not in the call's arguments: at one fact about the call. Times are those of the policy's
 * `timezone`, `time.weekday` is `monday` to `sunday`. `identity.labels`, `grant.labels` and `tool.annotations` are
 * followed by a name; `session.calls` is how many calls of the session came before.
 */
export const CONTEXT_ROOTS = [
  'identity.id',
  'identity.kind',
  'identity.name',
  'identity.labels',
  'identity.groups',
  'grant.id',
  'grant.labels',
  'server.slug',
  'tool.name',
  'tool.category',
  'tool.risk',
  'tool.annotations',
  'client.name',
  'time.hour',
  'time.weekday',
  'time.date',
  'session.calls',
] as const;
/** One of `CONTEXT_ROOTS`. */
export type ContextRoot = (typeof CONTEXT_ROOTS)[number];

/** The first names of a path into a tool's answer, in `response` only. */
export const RESULT_MEMBERS = ['content', 'structuredContent', 'isError', '_meta'] as const;

/** One step into a value. `token` is a JSON Pointer token: a key of an object or an index of a list, whichever is met. */
export type PathStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'token'; readonly token: string };

/**
 * A parsed path. `text` is what the author wrote: `args.items[*].price`, or the pointer of `{ "pointer": "/a.b/c" }`,
 * which starts at the arguments, or in `response` at the tool's result. The root `result` stands in `response` only.
 */
export interface Path {
  readonly text: string;
  readonly form: 'dotted' | 'pointer';
  readonly root: 'args' | 'result' | ContextRoot;
  readonly steps: readonly PathStep[];
}

/** One comparison of a value with what a path finds. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly path: Path;
  readonly op: Op;
  readonly value: JsonValue;
}

/** Holds when one of its conditions does. At least one condition. */
export interface AnyOf {
  readonly kind: 'any';
  readonly conditions: readonly Condition[];
}

/** Holds when each of its conditions does. At least one condition. */
export interface AllOf {
  readonly kind: 'all';
  readonly conditions: readonly Condition[];
}

/** Holds when its condition does not; of an unknown it is unknown. */
export interface Negation {
  readonly kind: 'not';
  readonly condition: Condition;
}

/** A CEL expression that yields true or false, checked and within its bounds. */
export interface CelCondition {
  readonly kind: 'cel';
  readonly source: string;
}

/** A condition of a rule. */
export type Condition = Comparison | AnyOf | AllOf | Negation | CelCondition;

/** One element of `require` or `deny_if`: its conditions are joined by AND. */
export interface RuleElement {
  readonly conditions: readonly Condition[];
  readonly onDeny?: string;
  /** `deny`: a missing or wrongly typed value denies. It changes `deny_if`; in `require` it always does. */
  readonly onMissing?: 'deny';
}

/** The windows that have a name: calendar windows in UTC, and `concurrent`, the calls in flight. */
export const NAMED_WINDOWS = ['minute', 'hour', 'day', 'month', 'concurrent'] as const;
/** A named window, or a number of seconds counted from the epoch. */
export type LimitWindow = (typeof NAMED_WINDOWS)[number] | number;

/** The scopes that are written as one word. */
export const NAMED_SCOPES = ['grant', 'identity', 'session', 'server', 'organisation'] as const;
/** What a counter is kept for; `argument` by the value of one argument, written `argument:args.<path>`. */
export type LimitScope = (typeof NAMED_SCOPES)[number] | { readonly argument: Path };

/** At most `max` units in each window. What is not written has its default: `grant`, `fixed`, `call`, `hard`, `deny`. */
export interface Limit {
  readonly counter: string;
  readonly window: LimitWindow;
  readonly max: Decimal;
  readonly scope: LimitScope;
  /** `sliding`: in any stretch of the window's length, by an exact log. */
  readonly algorithm: 'fixed' | 'sliding';
  /** The argument that is counted; a call counts as 1 without it. */
  readonly incrementFrom?: Path;
  /** `success`: given back when the upstream fails or answers `isError`. */
  readonly count: 'call' | 'success';
  /** `soft`: let through while the shared store is away. */
  readonly class: 'hard' | 'soft';
  readonly onExceed: 'deny' | 'require_approval';
  readonly onDeny?: string;
}

/** What of a limit has a default. */
export const LIMIT_DEFAULTS = { scope: 'grant', algorithm: 'fixed', count: 'call', class: 'hard', onExceed: 'deny' } as const satisfies Partial<Limit>;

/** The short forms of a rule; `expandRule` says what they mean. */
export type RuleAction = 'allow' | 'deny' | 'require_approval';

/** A call needs the approval of people. Times are whole seconds. */
export interface ApprovalRule {
  /** Joined by AND; empty: always. An unknown condition asks for approval too. */
  readonly when: readonly Condition[];
  /** `role:<role>` or `member:<id or e-mail>`; empty: whoever may approve. */
  readonly approvers: readonly string[];
  /** How many different people must agree, at least 1. */
  readonly quorum: number;
  readonly expiresInSeconds: number;
  /** How long the call is held open for an answer. */
  readonly holdSeconds: number;
  readonly message?: string;
}

/** What of an approval has a default. */
export const APPROVAL_DEFAULTS = { approvers: [], quorum: 1, expiresInSeconds: 600, holdSeconds: 20 } as const satisfies Partial<ApprovalRule>;

/** What a redaction can find by itself. */
export const DETECTORS = ['secret', 'email', 'credit_card', 'iban', 'jwt', 'private_key'] as const;
/** One of `DETECTORS`. */
export type Detector = (typeof DETECTORS)[number];

/** What becomes of a found value. */
export const REDACT_ACTIONS = ['mask', 'hash', 'remove'] as const;
/** One of `REDACT_ACTIONS`. */
export type RedactAction = (typeof REDACT_ACTIONS)[number];

/** One redaction of a tool's answer: wherever a detector finds something, or at a path from the result. */
export type Redaction =
  | { readonly kind: 'detector'; readonly detector: Detector; readonly action: RedactAction }
  | { readonly kind: 'path'; readonly path: Path; readonly action: RedactAction };

/** What is done with a tool's answer. */
export interface ResponseRule {
  readonly redact: readonly Redaction[];
  /** Of the whole answer, in bytes. */
  readonly maxBytes?: number;
  /** Paths may start at the result: `structuredContent.total`, `content[*].text`, `isError`. */
  readonly denyIf: readonly RuleElement[];
}

/** What is kept of a call's arguments; values are encrypted. From least to most. */
export const RECORD_LEVELS = ['digest', 'excerpt', 'full'] as const;
/** One of `RECORD_LEVELS`. */
export type RecordLevel = (typeof RECORD_LEVELS)[number];

/** The rules of one tool, of a class of tools, or of all tools. */
export interface Rule {
  readonly require: readonly RuleElement[];
  readonly denyIf: readonly RuleElement[];
  readonly limits: readonly Limit[];
  readonly action?: RuleAction;
  readonly reason?: string;
  /** `windowSeconds` whole seconds, counted for each session. */
  readonly rateLimit?: { readonly max: Decimal; readonly windowSeconds: number };
  readonly approval?: ApprovalRule;
  readonly response?: ResponseRule;
  readonly record?: RecordLevel;
}

/** What a tool does, as an administrator labels it. */
export const TOOL_CATEGORIES = ['Read', 'Write', 'Execute', 'Destructive', 'Financial'] as const;
/** One of `TOOL_CATEGORIES`. */
export type ToolCategory = (typeof TOOL_CATEGORIES)[number];

/** How much harm a tool can do, as an administrator labels it. From least to most. */
export const TOOL_RISKS = ['Low', 'Medium', 'High', 'Critical'] as const;
/** One of `TOOL_RISKS`. */
export type ToolRisk = (typeof TOOL_RISKS)[number];

/** A class of tools: every field that is written must match, by one member of its list. A label a tool lacks matches nothing. */
export interface ToolMatch {
  readonly category?: readonly ToolCategory[];
  readonly risk?: readonly ToolRisk[];
  /** Names, or globs in which `*` stands for any run of characters. */
  readonly name?: readonly string[];
  /** Hints as the server declares them: each must be declared and equal. */
  readonly annotations?: Readonly<Record<string, boolean | string>>;
}

/** Rules for a class of tools. */
export interface Selection {
  readonly match: ToolMatch;
  /** Whether it admits the tools it matches. */
  readonly allow: boolean;
  readonly rule: Rule;
}

/** A class of calls: tools, at servers named by slug. */
export interface FlowMatch extends ToolMatch {
  readonly server?: readonly string[];
}

/** How long a mark is kept: seconds from the call that set it, or for a session: an hour, renewed by every allowed call. */
export type FlowSpan = 'session' | number;

/** What may not follow what: an answered call that matches `after` leaves a mark with its identity, and `deny` binds while it is kept. */
export interface Flow {
  readonly after: FlowMatch;
  readonly marks: string;
  readonly deny: FlowMatch;
  readonly within: FlowSpan;
  /** `approval`: the calls need an approval instead of being denied. */
  readonly unless?: 'approval';
}

/** How long a mark is kept where a flow does not say, in seconds. */
export const DEFAULT_FLOW_SECONDS = 3_600;

/** A policy document as written: parsed and checked, sugar kept as it stands. Made by `parsePolicy`. */
export interface PolicyDocument {
  readonly version: '1';
  readonly description?: string;
  readonly default: DefaultEffect;
  readonly mode: PolicyMode;
  /** An IANA name, of which `time.*` are told; UTC without it. */
  readonly timezone?: string;
  /** Names, or globs in which `*` stands for any run of characters. */
  readonly hide: readonly string[];
  readonly allTools?: Rule;
  /** In document order, which is the order they are asked in. */
  readonly select: readonly Selection[];
  /** By tool name, in the order written. */
  readonly tools: ReadonlyMap<string, Rule>;
  readonly flows: readonly Flow[];
}
