import { TryPolicyDocument } from '@sallyport/graphql-contract';
import type { Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { printError, refusal } from '../output/answers.js';
import { exitForCode } from '../exit-codes.js';
import { plainSteps, stepLines } from '../output/steps.js';
import { fields, oneLine } from '../output/table.js';
import { argumentsText } from './argument-text.js';
import { policySource } from './policy-source.js';

interface TryFlags {
  readonly server: string;
  readonly tool: string;
  readonly args?: string;
  readonly identity?: string;
}

/** `policy try NAME|FILE`: the verdict on a call that is only tried. */
export function addPolicyTryCommand(policy: Command, kit: CommandKit): void {
  const command = policy
    .command('try <policy>')
    .description('decide one call by a policy or a file, without counting or sending anything')
    .requiredOption('--server <server>', 'the server it would go to')
    .requiredOption('--tool <tool>', 'the tool it would call')
    .option('--args <json>', 'its arguments as JSON, or @FILE')
    .option('--identity <identity>', 'who would call');
  example(command, `sallyport policy try refunds --server payments --tool create_refund --args '{"amount":250}'`).action(
    kit.run(async (context, given: string, flags: TryFlags) => {
      const input = {
        policy: await policySource(given, context.terminal),
        server: flags.server,
        tool: flags.tool,
        args: argumentsText(flags.args),
        ...(flags.identity === undefined ? {} : { identity: flags.identity }),
      };
      const { tryPolicy } = await context.admin().run(TryPolicyDocument, { input });
      if (tryPolicy.__typename === 'Refusal') return refusal(context, tryPolicy);
      if (tryPolicy.__typename === 'PolicyRejected') {
        context.exitCode = exitForCode(tryPolicy.code);
        return printError(context, { code: tryPolicy.code, message: tryPolicy.message, ...(tryPolicy.pointer ? { pointer: tryPolicy.pointer } : {}) });
      }
      const { effect, outcome, reasonCode, ruleId, sentence, explanation, steps } = tryPolicy;
      const notes = explanation.slice(0, Math.max(0, explanation.length - steps.length));
      context.exitCode = exitForTrial(outcome);
      context.print(
        { verdict: effect, outcome, reasonCode: reasonCode ?? null, ruleId, message: sentence ?? null, explanation, steps: plainSteps(steps) },
        fields([['verdict', outcome], ['rule', ruleId], ['message', sentence]]) + notes.map((line) => `  ${oneLine(line)}\n`).join('') + stepLines(steps),
      );
    }),
  );
}

function exitForTrial(outcome: string): ExitCode {
  if (outcome === 'denied') return EXIT.denied;
  if (outcome === 'approval_required') return EXIT.needsApproval;
  return EXIT.done;
}
