import type { Command } from 'commander';

import { example, type CommandKit } from '../command-kit.js';
import { EXIT, exitForOutcome } from '../exit-codes.js';
import { oneLine } from '../output/table.js';
import { readSecret } from '../session/credentials.js';
import type { GatewayCallAnswer } from '../session/gateway-call.js';
import { argumentsText } from './argument-text.js';

interface CallFlags {
  readonly args?: string;
  readonly grantToken: string;
}

/** `call SERVER TOOL`: a real call through the gateway. What speaks MCP is loaded here alone: no other command needs it. */
export function addCallCommand(program: Command, kit: CommandKit): void {
  const call = program
    .command('call <server> <tool>')
    .description('call a tool through the gateway, as an agent would')
    .option('--args <json>', 'its arguments as JSON, or @FILE')
    .requiredOption('--grant-token <token>', "the grant's token, or @FILE");
  example(call, `sallyport call everything echo --args '{"message":"hi"}' --grant-token @grant.txt`).action(
    kit.run(async (context, server: string, tool: string, flags: CallFlags) => {
      const { callThroughGateway } = await import('../session/gateway-call.js');
      const request = {
        url: new URL(`/mcp/${encodeURIComponent(server)}`, context.session.gatewayUrl).href,
        grantToken: readSecret(flags.grantToken),
        tool,
        args: JSON.parse(argumentsText(flags.args)) as Record<string, unknown>,
      };
      const answer = await context.during(`Calling ${server}/${tool}`, callThroughGateway(request));
      context.exitCode = exitFor(answer);
      const outcome = answer.outcome === 'unknown' ? 'denied' : answer.outcome;
      context.print({ outcome, decisionId: answer.decisionId, ruleId: answer.ruleId, result: answer.result }, humanText(answer, tool));
    }),
  );
}

function exitFor(answer: GatewayCallAnswer) {
  if (answer.outcome === 'unknown') return EXIT.notFound;
  return answer.outcome === 'allowed' && answer.isError ? EXIT.failed : exitForOutcome(answer.outcome);
}

function humanText(answer: GatewayCallAnswer, tool: string): string {
  if (answer.outcome === 'unknown') return `Unknown tool: ${oneLine(tool)}`;
  const content = (answer.result as { content?: readonly { type: string; text?: string }[] }).content ?? [];
  const text = content.map((block) => block.text ?? `[${block.type}]`).join('\n');
  return `${answer.outcome}  rule ${answer.ruleId ?? '–'}  decision ${answer.decisionId ?? '–'}\n${text}`;
}
