import { ExplainDecisionDocument } from '@sallyport/graphql-contract';

import { refusal } from '../output/answers.js';
import { plainSteps, stepLines } from '../output/steps.js';
import { fields } from '../output/table.js';
import type { CommandContext } from '../session/command-context.js';
import { argumentsText } from './argument-text.js';

/** `decisions show ID --explain`: the rules looked at, and what each condition saw. */
export async function explainDecision(context: CommandContext, id: string, args: string | undefined): Promise<void> {
  const { explainDecision: answer } = await context.admin().run(ExplainDecisionDocument, { id, args: args === undefined ? null : argumentsText(args) });
  if (answer.__typename === 'Refusal') return refusal(context, answer);
  const { decisionId, recordedRuleId, recordedReasonCode, effect, ruleId, reasonCode, policyVersion, steps } = answer;
  const item = { decisionId, recordedRuleId: recordedRuleId ?? null, recordedReasonCode: recordedReasonCode ?? null, effect, ruleId, reasonCode: reasonCode ?? null, policyVersion };
  const head = fields([['decision', decisionId], ['on record', recordedReasonCode ?? recordedRuleId], ['policy says', effect], ['rule', ruleId], ['version', policyVersion]]);
  context.print({ ...item, steps: plainSteps(steps) }, head + stepLines(steps));
}
