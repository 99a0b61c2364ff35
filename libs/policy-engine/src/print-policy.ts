import { ExactNumber, canonicalJson, formatDecimal, type Decimal, type JsonObject, type JsonValue } from '@sallyport/kernel';

import type { ApprovalRule, Condition, Flow, FlowMatch, Limit, Path, PolicyDocument, Redaction, ResponseRule, Rule, RuleElement, ToolMatch } from './document.js';
import { scopeText } from './limits/limit-settings.js';
import { printDuration } from './parse/parse-duration.js';

/** Writes a document as canonical JSON; `parsePolicy` reads it back as an equal document. */
export function printPolicy(document: PolicyDocument): string {
  const tools: Record<string, JsonValue> = Object.create(null);
  for (const [name, rule] of document.tools) tools[name] = printRule(rule);
  return canonicalJson({
    version: document.version,
    description: document.description,
    default: document.default,
    mode: document.mode,
    timezone: document.timezone,
    hide: document.hide,
    all_tools: document.allTools === undefined ? undefined : printRule(document.allTools),
    select: unlessEmpty(document.select.map(({ match, allow, rule }) => ({ ...printRule(rule), match: printMatch(match), allow }))),
    tools,
    flows: unlessEmpty(document.flows.map(printFlow)),
  });
}

/** Writes one rule as a document writes it. */
export function printRule(rule: Rule): JsonObject {
  return {
    require: rule.require.map(printElement),
    deny_if: rule.denyIf.map(printElement),
    limits: rule.limits.map(printLimit),
    action: rule.action,
    reason: rule.reason,
    rate_limit: rule.rateLimit === undefined ? undefined : { max: printDecimal(rule.rateLimit.max), window: rule.rateLimit.windowSeconds },
    approval: rule.approval === undefined ? undefined : printApproval(rule.approval),
    response: rule.response === undefined ? undefined : printResponse(rule.response),
    record: rule.record,
  };
}

function printElement(element: RuleElement): JsonObject {
  return { conditions: element.conditions.map(printCondition), on_deny: element.onDeny, on_missing: element.onMissing };
}

function printCondition(condition: Condition): JsonObject {
  switch (condition.kind) {
    case 'comparison':
      return { path: printPath(condition.path), op: condition.op, value: condition.value };
    case 'any':
    case 'all':
      return { [condition.kind]: condition.conditions.map(printCondition) };
    case 'not':
      return { not: printCondition(condition.condition) };
    case 'cel':
      return { cel: condition.source };
  }
}

function printPath(path: Path): JsonValue {
  return path.form === 'pointer' ? { pointer: path.text } : path.text;
}

function printLimit(limit: Limit): JsonObject {
  return {
    counter: limit.counter,
    window: limit.window,
    max: printDecimal(limit.max),
    scope: scopeText(limit.scope),
    algorithm: limit.algorithm,
    increment_from: limit.incrementFrom === undefined ? undefined : printPath(limit.incrementFrom),
    count: limit.count,
    class: limit.class,
    on_exceed: limit.onExceed,
    on_deny: limit.onDeny,
  };
}

function printApproval(approval: ApprovalRule): JsonObject {
  return {
    if: approval.when.map(printCondition),
    approvers: approval.approvers,
    quorum: approval.quorum,
    expires_in: printDuration(approval.expiresInSeconds),
    hold: printDuration(approval.holdSeconds),
    message: approval.message,
  };
}

function printResponse(response: ResponseRule): JsonObject {
  return { redact: response.redact.map(printRedaction), max_bytes: response.maxBytes, deny_if: response.denyIf.map(printElement) };
}

function printRedaction(redaction: Redaction): JsonObject {
  const { action } = redaction;
  return redaction.kind === 'path' ? { path: printPath(redaction.path), action } : { detector: redaction.detector, action };
}

function printMatch(match: ToolMatch): JsonObject {
  return { category: match.category, risk: match.risk, name: match.name, annotations: match.annotations };
}

function printFlow(flow: Flow): JsonObject {
  return {
    after: { ...printFlowMatch(flow.after), marks: flow.marks },
    deny: printFlowMatch(flow.deny),
    within: typeof flow.within === 'string' ? flow.within : printDuration(flow.within),
    unless: flow.unless,
  };
}

function printFlowMatch(match: FlowMatch): JsonObject {
  return { ...printMatch(match), server: match.server };
}

function unlessEmpty(list: readonly JsonObject[]): readonly JsonObject[] | undefined {
  return list.length === 0 ? undefined : list;
}

function printDecimal(value: Decimal): JsonValue {
  return new ExactNumber(formatDecimal(value));
}
