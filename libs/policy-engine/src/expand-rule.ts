import { APPROVAL_DEFAULTS, LIMIT_DEFAULTS, type ApprovalRule, type Limit, type Rule, type RuleElement } from './document.js';

/** What a rule means once its short forms are written out. */
export interface ExpandedRule {
  readonly require: readonly RuleElement[];
  readonly denyIf: readonly RuleElement[];
  readonly limits: readonly Limit[];
  readonly approval?: ApprovalRule;
}

/**
 * Writes out the short forms: `action: deny` is an unconditional last element of `deny_if` with `reason` as its message,
 * `action: require_approval` an approval of every call, `rate_limit` a last limit counted for each session under the name
 * `rate_limit:<tool>` (`rate_limit` in `all_tools`, `rate_limit:select/<index>` in `select`).
 *
 * @param owner The tool the rule is for, or `select/<index>`; undefined for `all_tools`.
 */
export function expandRule(rule: Rule, owner?: string): ExpandedRule {
  const expanded = {
    require: rule.require,
    denyIf: rule.action === 'deny' ? [...rule.denyIf, unconditional(rule.reason)] : rule.denyIf,
    limits: rule.rateLimit === undefined ? rule.limits : [...rule.limits, sessionLimit(rule.rateLimit, owner)],
  };
  const approval = rule.action === 'require_approval' ? unconditionalApproval(rule.reason) : rule.approval;
  return approval === undefined ? expanded : { ...expanded, approval };
}

function unconditionalApproval(message: string | undefined): ApprovalRule {
  return { ...APPROVAL_DEFAULTS, when: [], ...(message === undefined ? {} : { message }) };
}

function unconditional(reason: string | undefined): RuleElement {
  return { conditions: [], ...(reason === undefined ? {} : { onDeny: reason }) };
}

function sessionLimit(rate: NonNullable<Rule['rateLimit']>, owner: string | undefined): Limit {
  const counter = owner === undefined ? 'rate_limit' : `rate_limit:${owner}`;
  return { ...LIMIT_DEFAULTS, counter, window: rate.windowSeconds, max: rate.max, scope: 'session' };
}
