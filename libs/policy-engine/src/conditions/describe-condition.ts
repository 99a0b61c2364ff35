import { canonicalJson } from '@sallyport/kernel';

import type { Condition } from '../document.js';

const MAX_SHOWN = 80;

/** A condition as one line for people, its long values cut: `args.amount gt 100`. */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'comparison':
      return `${condition.path.text} ${condition.op} ${shortened(canonicalJson(condition.value))}`;
    case 'any':
      return grouped(condition.conditions, ' or ');
    case 'all':
      return grouped(condition.conditions, ' and ');
    case 'not':
      return `not (${describeCondition(condition.condition)})`;
    case 'cel':
      return `cel ${JSON.stringify(shortened(condition.source))}`;
  }
}

function grouped(conditions: readonly Condition[], by: string): string {
  return `(${conditions.map(describeCondition).join(by)})`;
}

function shortened(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
