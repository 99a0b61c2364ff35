import type { Limit, Rule, RuleElement } from './document.js';

/** What a rule means once its short forms are written out. */
export interface ExpandedRule {
  readonly require: readonly RuleElement[];
  readonly denyIf: readonly RuleElement[];
  readonly limits: readonly Limit[];
  /** Calls need a person's approval; the sentence for the caller. */
  readonly approval?: { readonly message: string };
}

const APPROVAL_MESSAGE = 'This call needs the approval of a person.';

/**
 * Writes out the short forms: `action: deny` is an unconditional last element of `deny_if` with `reason` as its message,
 * `action: require_approval` an approval, `rate_limit` a last limit counted for each session under the name
 * `rate_limit:<tool>` (`rate_limit` in `all_tools`).
 *
 * @param tool The tool the rule is for; undefined for `all_tools`.
 */
export function expandRule(rule: Rule, tool?: string): ExpandedRule {
  const expanded = {
    require: rule.require,
    denyIf: rule.action === 'deny' ? [...rule.denyIf, unconditional(rule.reason)] : rule.denyIf,
    limits: rule.rateLimit === undefined ? rule.limits : [...rule.limits, sessionLimit(rule.rateLimit, tool)],
  };
  return rule.action === 'require_approval' ? { ...expanded, approval: { message: rule.reason ?? APPROVAL_MESSAGE } } : expanded;
}

function unconditional(reason: string | undefined): RuleElement {
  return { conditions: [], ...(reason === undefined ? {} : { onDeny: reason }) };
}

function sessionLimit(rate: NonNullable<Rule['rateLimit']>, tool: string | undefined): Limit {
  const counter = tool === undefined ? 'rate_limit' : `rate_limit:${tool}`;
  return { counter, window: rate.windowSeconds, max: rate.max, scope: 'session' };
}
