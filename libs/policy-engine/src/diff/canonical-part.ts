import { formatDecimal } from '@sallyport/kernel';

import { canonicalValue } from '../canonical-value.js';
import { placeOf } from '../diagram/place-of.js';
import { comparisonKey } from '../diagram/place-diagram.js';
import type { ApprovalRule, Condition, FlowMatch, Limit, LimitScope, Redaction, RuleElement, ToolMatch } from '../document.js';

/** A text that conditions share when they ask the same in the same structure; order and repeats in groups say nothing. */
export function conditionKey(condition: Condition): string {
  switch (condition.kind) {
    case 'comparison':
      return `${placeOf(condition.path)} ${comparisonKey(condition)}`;
    case 'any':
    case 'all':
      return `${condition.kind}(${sorted(condition.conditions.map(conditionKey))})`;
    case 'not':
      return `not(${conditionKey(condition.condition)})`;
    case 'cel':
      return `cel ${JSON.stringify(condition.source)}`;
  }
}

/** What conditions are about, the values they compare with left out. */
export function conditionShape(condition: Condition): string {
  switch (condition.kind) {
    case 'comparison':
      return `${placeOf(condition.path)} ${condition.op}`;
    case 'any':
    case 'all':
      return `${condition.kind}(${condition.conditions.map(conditionShape).sort().join(', ')})`;
    case 'not':
      return `not(${conditionShape(condition.condition)})`;
    case 'cel':
      return 'cel';
  }
}

/** The key of an element's conditions; `onMissing` counts where it has an effect. */
export function elementKey(element: RuleElement, list: 'deny_if' | 'require'): string {
  const missing = list === 'deny_if' && element.onMissing === 'deny' ? ' or missing' : '';
  return sorted(element.conditions.map(conditionKey)) + missing;
}

/** The shape of an element's conditions. */
export function elementShape(element: RuleElement): string {
  return element.conditions.map(conditionShape).sort().join(' and ');
}

/** What an approval binds, without what it depends on and without its message. */
export function approvalTerms({ approvers, quorum, expiresInSeconds, holdSeconds }: ApprovalRule): string {
  return JSON.stringify([[...new Set(approvers)].sort(), quorum, expiresInSeconds, holdSeconds]);
}

/** What makes a limit the limit it is, its counter's name and message left out. */
export function limitKey(limit: Limit): string {
  const { window, max, algorithm, incrementFrom, count, onExceed } = limit;
  const amount = incrementFrom === undefined ? null : placeOf(incrementFrom);
  return JSON.stringify([window, window === 'concurrent' ? null : algorithm, formatDecimal(max), scopeKey(limit.scope), amount, count, limit.class, onExceed]);
}

/** A redaction's key. */
export function redactionKey(redaction: Redaction): string {
  return `${redaction.kind === 'detector' ? redaction.detector : placeOf(redaction.path)} ${redaction.action}`;
}

/** The key of a class of tools. */
export function matchKey({ category, risk, name, annotations }: ToolMatch): string {
  const hints = Object.entries(annotations ?? {}).map(([hint, value]) => `${hint} ${canonicalValue(value)}`);
  return JSON.stringify([texts(category), texts(risk), texts(name), texts(hints)]);
}

/** The key of a class of calls. */
export function callKey(match: FlowMatch): string {
  return `${matchKey(match)} ${JSON.stringify(texts(match.server))}`;
}

function scopeKey(scope: LimitScope): string {
  return typeof scope === 'string' ? scope : placeOf(scope.argument);
}

function texts(list: readonly string[] | undefined): readonly string[] | null {
  return list === undefined ? null : [...new Set(list)].sort();
}

function sorted(keys: readonly string[]): string {
  return [...new Set(keys)].sort().join(' and ');
}
