import type { Comparison, Condition } from '../document.js';
import { aPolicyDocument } from './a-policy.js';

/** Conditions as a document writes them, parsed together. Throws the findings when one is refused. */
export function conditionsOf(...written: readonly object[]): readonly Condition[] {
  const document = aPolicyDocument({ tools: { any: { deny_if: [{ conditions: written }] } } });
  return document.tools.get('any')?.denyIf[0]?.conditions ?? [];
}

/** One condition as a document writes it. */
export function aCondition(written: object): Condition {
  const [condition] = conditionsOf(written);
  if (condition === undefined) throw new Error('there is no condition');
  return condition;
}

/** A comparison of what a path finds with a value. The path is one that documents take; operator and value are not checked against each other. */
export function aComparison(path: string | { readonly pointer: string }, op: Comparison['op'], value: Comparison['value']): Comparison {
  const parsed = aCondition({ path, op: 'exists', value: true });
  if (parsed.kind !== 'comparison') throw new Error('it is no comparison');
  return { ...parsed, op, value };
}
