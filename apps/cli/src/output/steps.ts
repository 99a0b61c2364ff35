import type { ExplainedStepFieldsFragment } from '@sallyport/graphql-contract';

import { oneLine } from './table.js';

const HELD = { yes: 'holds', no: 'does not hold', unknown: 'cannot be told' } as const;

/** The rules that were looked at as scripts see them. */
export function plainSteps(steps: readonly ExplainedStepFieldsFragment[]) {
  return steps.map(({ ruleId, what, held, conditions }) => ({
    ruleId,
    what,
    held,
    conditions: conditions.map((condition) => ({ depth: condition.depth, what: condition.what, held: condition.held, saw: condition.saw ?? null })),
  }));
}

/** A line for each rule, and one below it for each condition. */
export function stepLines(steps: readonly ExplainedStepFieldsFragment[]): string {
  return steps.map((step) => `  ${oneLine(step.ruleId)}: ${oneLine(step.what)}: ${HELD[step.held]}\n${step.conditions.map(conditionLine).join('')}`).join('');
}

function conditionLine({ depth, what, held, saw }: ExplainedStepFieldsFragment['conditions'][number]): string {
  const found = saw === null || saw === undefined ? '' : `, saw ${oneLine(saw)}`;
  return `    ${'  '.repeat(depth)}${oneLine(what)}: ${HELD[held]}${found}\n`;
}
