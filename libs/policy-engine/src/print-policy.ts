import { ExactNumber, canonicalJson, formatDecimal, type Decimal, type JsonObject, type JsonValue } from '@sallyport/kernel';

import type { Comparison, Limit, Path, PolicyDocument, Rule, RuleElement } from './document.js';

/** Writes a document as canonical JSON; `parsePolicy` reads it back as an equal document. */
export function printPolicy(document: PolicyDocument): string {
  const tools: Record<string, JsonValue> = Object.create(null);
  for (const [name, rule] of document.tools) tools[name] = printRule(rule);
  return canonicalJson({
    version: document.version,
    description: document.description,
    default: document.default,
    mode: document.mode,
    hide: document.hide,
    all_tools: document.allTools === undefined ? undefined : printRule(document.allTools),
    tools,
  });
}

function printRule(rule: Rule): JsonObject {
  return {
    require: rule.require.map(printElement),
    deny_if: rule.denyIf.map(printElement),
    limits: rule.limits.map(printLimit),
    action: rule.action,
    reason: rule.reason,
    rate_limit: rule.rateLimit === undefined ? undefined : { max: printDecimal(rule.rateLimit.max), window: rule.rateLimit.windowSeconds },
  };
}

function printElement(element: RuleElement): JsonObject {
  return { conditions: element.conditions.map(printCondition), on_deny: element.onDeny };
}

function printCondition(condition: Comparison): JsonObject {
  return { path: printPath(condition.path), op: condition.op, value: condition.value };
}

function printPath(path: Path): JsonValue {
  return path.form === 'pointer' ? { pointer: path.text } : path.text;
}

function printLimit(limit: Limit): JsonObject {
  return {
    counter: limit.counter,
    window: limit.window,
    max: printDecimal(limit.max),
    scope: limit.scope,
    increment_from: limit.incrementFrom === undefined ? undefined : printPath(limit.incrementFrom),
    on_deny: limit.onDeny,
  };
}

function printDecimal(value: Decimal): JsonValue {
  return new ExactNumber(formatDecimal(value));
}
