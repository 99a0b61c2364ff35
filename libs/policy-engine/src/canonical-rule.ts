import type { JsonValue } from '@sallyport/kernel';

import { canonicalNumber, isNumber } from './compare-numbers.js';
import type { Comparison, Condition, RuleElement } from './document.js';

/** A text that two JSON values share exactly when `eq` holds between them. */
export function canonicalValue(value: JsonValue): string {
  if (isNumber(value)) return canonicalNumber(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(canonicalValue).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as { readonly [key: string]: JsonValue | undefined };
  const members = Object.keys(object).sort().map((key) => `${JSON.stringify(key)}:${canonicalValue(object[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** A text that two conditions share when they ask the same of the same value, however each was written. */
export function canonicalCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'comparison':
      return `${canonicalPlace(condition)} ${canonicalOperand(condition)}`;
    case 'any':
    case 'all':
      return `${condition.kind}(${[...new Set(condition.conditions.map(canonicalCondition))].sort().join(', ')})`;
    case 'not':
      return `not(${canonicalCondition(condition.condition)})`;
    case 'cel':
      return `cel ${JSON.stringify(condition.source)}`;
  }
}

/** What a comparison is about: its path and operator, without its value. */
export function canonicalPlace({ path, op }: Comparison): string {
  const isPlain = path.steps.every((step) => step.kind === 'key');
  return `${isPlain ? path.text : JSON.stringify([path.root, path.steps])} ${op}`;
}

/** A text that two elements share when they have the same conditions, in whatever order; the message is not part of it. */
export function canonicalElement(element: RuleElement): string {
  return [...new Set(element.conditions.map(canonicalCondition))].sort().join(' and ');
}

function canonicalOperand({ op, value }: Comparison): string {
  if ((op !== 'in' && op !== 'not_in') || !Array.isArray(value)) return canonicalValue(value);
  return [...new Set((value as readonly JsonValue[]).map(canonicalValue))].sort().join(',');
}

