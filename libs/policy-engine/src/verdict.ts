import type { Decimal, EpochMs, JsonObject } from '@sallyport/kernel';

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
  };
  readonly server: { readonly slug: string };
  /** What `scope: session` counts by: the MCP session where there is one, else the credential. */
  readonly session: { readonly id: string };
  readonly client: { readonly name: string | null };
}

/** Units of one limit that a call would take, to be reserved before it goes ahead. */
export interface LimitAsk {
  readonly ruleId: string;
  readonly counter: string;
  readonly scope: 'grant' | 'session';
  readonly scopeValue: string;
  /** The window is [start, end), Unix milliseconds; fixed windows follow the UTC calendar. */
  readonly windowStartMs: EpochMs;
  readonly windowEndMs: EpochMs;
  readonly units: Decimal;
  readonly max: Decimal;
  /** The sentence for the caller when this limit refuses; names the limit. The reset time is added by `limitRefusal`. */
  readonly message: string;
}

/** Why the engine said no. */
export type DenyReason =
  | 'hidden'
  | 'default_deny'
  | 'rule_denied'
  | 'require_failed'
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
  | { readonly effect: 'allow'; readonly ruleId: string; readonly asks: readonly LimitAsk[] }
  | {
      readonly effect: 'deny';
      readonly reasonCode: DenyReason;
      readonly ruleId: string;
      /** Sentence for the caller, without the `[POLICY DENIED]` prefix. */
      readonly message: string;
      readonly shown: 'rule' | 'default_deny' | 'unknown_tool';
    };
