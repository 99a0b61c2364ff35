import type { Decimal, EpochMs, JsonObject } from '@sallyport/kernel';

import type { RecordLevel, ResponseRule, ToolCategory, ToolRisk } from './document.js';

/**
 * What is known of a tool besides its name. Made once for each definition and labelling, never changed, and shared by all
 * calls: what a policy selects for it is worked out at the first call and kept with this very object.
 */
export interface ToolLabels {
  /** `null` where nobody has said. */
  readonly category: ToolCategory | null;
  readonly risk: ToolRisk | null;
  /** The hints of the tool's definition. */
  readonly annotations: Readonly<Record<string, boolean | string>>;
}

/** One tool call as the engine sees it. Everything a policy's paths may name is here; the engine asks nobody for more. */
export interface ToolCall {
  readonly tool: string;
  /** Any JSON object, numbers exact (`ExactNumber` where a double would round); the edge has bounded its size and depth. */
  readonly args: JsonObject;
  /** When the call arrived, Unix milliseconds: the only time a decision knows. */
  readonly atMs: EpochMs;
  readonly grant: { readonly id: string; readonly labels: Readonly<Record<string, string>> };
  readonly identity: {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    /** None where it is left out. */
    readonly groups?: readonly string[] | undefined;
  };
  readonly server: { readonly slug: string };
  /**
   * What `scope: session` counts by: the MCP session where there is one, else the credential. `calls`: how many calls of it
   * came before; where it is left out `session.calls` is missing.
   */
  readonly session: { readonly id: string; readonly calls?: number | undefined };
  readonly client: { readonly name: string | null };
  /** Left out for a tool that nothing is known of: it matches no category, risk or annotation. */
  readonly labels?: ToolLabels | undefined;
  /** The marks of flows that the caller's identity bears now. None where it is left out. */
  readonly marks?: readonly string[] | undefined;
  /** The tool's result, where the rules of `response` are asked; never there when a call is decided. */
  readonly result?: JsonObject | undefined;
}

/**
 * How a limit counts. `fixed`: within [windowStartMs, windowEndMs) of the UTC calendar. `sliding`: the units are held from
 * `windowStartMs`, the call's arrival, to `windowEndMs`, and at most `max` may be held at once. `concurrent`: they are held
 * until the call ends; the window is empty.
 */
export type LimitAlgorithm = 'fixed' | 'sliding' | 'concurrent';

/** Units of one limit that a call would take, to be reserved before it goes ahead. */
export interface LimitAsk {
  readonly ruleId: string;
  readonly counter: string;
  /** `grant`, `identity`, `session`, `server`, `organisation` or `argument:<path>`. */
  readonly scope: string;
  /** Within the organisation and the policy; empty for `organisation`. */
  readonly scopeValue: string;
  /** Unix milliseconds. */
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: Decimal;
  readonly max: Decimal;
  /** The sentence for the caller when this limit refuses; names the limit. The reset time is added by `limitRefusal`. */
  readonly message: string;
  readonly algorithm: LimitAlgorithm;
  /** Set for a `fixed` window that is a month of the UTC calendar. */
  readonly calendar: 'month' | null;
  /** `success`: the units are given back when the upstream fails or answers `isError` too. */
  readonly count: 'call' | 'success';
  /** `soft`: the call goes ahead uncounted while the shared store is away. */
  readonly class: 'hard' | 'soft';
  /** Under what terms a call over the limit may be approved; `null`: it is denied. */
  readonly approval: ApprovalTerms | null;
}

/** What an approval must satisfy. Whoever asks for one binds it to organisation, identity, grant, server, tool, definition, arguments and policy version. */
export interface ApprovalTerms {
  readonly ruleId: string;
  /** `role:<role>` or `member:<id or e-mail>`; empty: whoever may approve. */
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly expiresInSeconds: number;
  /** How long the call is held open for an answer. */
  readonly holdSeconds: number;
  /** The sentence for the caller, and for who approves. */
  readonly message: string;
}

/** A mark that the caller's identity bears for this long, once the call has been answered; a longer one that is kept already stays. */
export interface FlowMark {
  readonly mark: string;
  readonly seconds: number;
}

/** Response rules with the id each has in records: the tool's first, then those of `select` in order, then of `all_tools`. */
export interface PlacedResponse {
  readonly ruleId: string;
  readonly rule: ResponseRule;
}

/** Why the engine said no. */
export type DenyReason =
  | 'hidden'
  | 'default_deny'
  | 'rule_denied'
  | 'require_failed'
  | 'flow_denied'
  | 'limit_amount_invalid'
  | 'approval_required'
  | 'evaluation_error';

/**
 * What a policy says about one call, and always the rule that settled it.
 *
 * `shown` is what the caller may learn: `default_deny` and `unknown_tool` look the same for a hidden tool and for one that
 * never existed.
 */
export type Verdict =
  | {
      readonly effect: 'allow';
      readonly ruleId: string;
      readonly asks: readonly LimitAsk[];
      /** To be set once the call has been answered. */
      readonly marks: readonly FlowMark[];
      /** Asked when the answer is there; the same list for every call of the tool. */
      readonly responses: readonly PlacedResponse[];
      readonly record: RecordLevel;
    }
  | {
      readonly effect: 'deny';
      readonly reasonCode: DenyReason;
      readonly ruleId: string;
      /** Sentence for the caller, without the `[POLICY DENIED]` prefix. */
      readonly message: string;
      readonly shown: 'rule' | 'default_deny' | 'unknown_tool';
      /** With `approval_required` only: every one of them must be met, `ruleId` being the first. */
      readonly approvals?: readonly ApprovalTerms[];
    };
